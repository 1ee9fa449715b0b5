import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { setAdmin } from '../../../storage/d1/account-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, refuseOneself } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#change-whether-a-user-is-a-server-administrator-or-not */
export const adminSetUserAdmin = endpoint({
  operationId: 'adminSetUserAdmin',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/users/{userId}/admin'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ admin: v.boolean() }),
  async handler(call, requester) {
    const { userId } = await localUser(call);
    if (!call.body.admin) refuseOneself(requester, userId, 'demote');
    await setAdmin(openD1(call.env.DB, call.config.meter), userId, call.body.admin);
    return {};
  },
});
