import * as v from 'valibot';
import { forbidden } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { checkPassword } from '../../../services/register-user.ts';
import { replacePassword } from '../../../services/replace-password.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { endpoint } from '../../endpoint.ts';
import { requireUser } from '../interactive-auth.ts';
import { endOtherSessions } from '../login/end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountpassword */
export const changePassword = endpoint({
  operationId: 'changePassword',
  method: 'POST',
  paths: ['/_matrix/client/v3/account/password'],
  auth: 'accessToken',
  rateLimit: 'login',
  body: v.object({
    auth: v.optional(authDataSchema),
    new_password: v.string(),
    logout_devices: v.optional(v.boolean(), true),
  }),
  async handler(call, requester) {
    if (requester.appservice) throw forbidden('Users of an application service have no password');
    const { body, env, config, stubs } = call;
    checkPassword(body.new_password, config);
    if (!config.passwordLogin) throw forbidden('Use the account page for this');
    await requireUser(call, requester, 'changePassword');
    const { userId, deviceId } = requester;
    await replacePassword(openD1(env.DB, config.meter), stubs, userId, body.new_password);
    if (body.logout_devices) await endOtherSessions(stubs, userId, deviceId);
    return {};
  },
});
