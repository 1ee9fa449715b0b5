import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#get-whether-a-user-is-a-server-administrator-or-not */
export const adminGetUserAdmin = endpoint({
  operationId: 'adminGetUserAdmin',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/admin'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    return { admin: (await localUser(call)).isAdmin };
  },
});
