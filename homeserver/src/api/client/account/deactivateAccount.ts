import * as v from 'valibot';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { endpoint } from '../../endpoint.ts';
import { requireUser } from '../interactive-auth.ts';
import { endAccount } from './end-account.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountdeactivate */
export const deactivateAccount = endpoint({
  operationId: 'deactivateAccount',
  method: 'POST',
  paths: ['/_matrix/client/v3/account/deactivate'],
  auth: 'accessToken',
  rateLimit: 'login',
  body: v.object({ auth: v.optional(authDataSchema), erase: v.optional(v.boolean(), false) }),
  async handler(call, requester) {
    await requireUser(call, requester, 'deactivateAccount');
    await endAccount(call, requester.userId, call.body.erase);
    return { id_server_unbind_result: 'no-support' };
  },
});
