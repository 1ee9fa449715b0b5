import * as v from 'valibot';
import { endAccount } from '../../client/account/end-account.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, refuseOneself } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#deactivate-account */
export const adminDeactivateUser = endpoint({
  operationId: 'adminDeactivateUser',
  method: 'POST',
  paths: ['/_synapse/admin/v1/deactivate/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ erase: v.optional(v.boolean(), false) }),
  async handler(call, requester) {
    const { userId } = await localUser(call);
    refuseOneself(requester, userId, 'deactivate');
    await endAccount(call, userId, call.body.erase);
    return { id_server_unbind_result: 'success' };
  },
});
