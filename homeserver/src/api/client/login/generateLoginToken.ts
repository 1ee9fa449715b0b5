import * as v from 'valibot';
import { forbidden, unrecognized } from '../../../../../matrix/errors.ts';
import { loginTokenMs } from '../../../objects/user-sync-rpc.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { makePageToken } from '../../access-token.ts';
import { endpoint } from '../../endpoint.ts';
import { requireUser } from '../interactive-auth.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv1loginget_token */
export const generateLoginToken = endpoint({
  operationId: 'generateLoginToken',
  method: 'POST',
  paths: ['/_matrix/client/v1/login/get_token'],
  auth: 'accessToken',
  rateLimit: 'login',
  body: v.object({ auth: v.optional(authDataSchema) }),
  async handler(call, requester) {
    const { config, stubs } = call;
    if (!config.ssoLogin) throw unrecognized();
    if (requester.appservice) throw forbidden('Users of an application service do not log in');
    await requireUser(call, requester, 'generateLoginToken');
    const token = makePageToken('login', requester.userId, config);
    await stubs.user(requester.userId).storeLoginToken(token);
    return { login_token: token, expires_in_ms: loginTokenMs };
  },
});
