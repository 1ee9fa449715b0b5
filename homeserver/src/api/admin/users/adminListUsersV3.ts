import { endpoint } from '../../endpoint.ts';
import { userListQuery, userPage } from './list-users.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-accounts-v3 */
export const adminListUsersV3 = endpoint({
  operationId: 'adminListUsersV3',
  method: 'GET',
  paths: ['/_synapse/admin/v3/users'],
  auth: 'administrator',
  rateLimit: 'default',
  query: userListQuery,
  async handler(call) {
    return userPage(call, call.query.deactivated);
  },
});
