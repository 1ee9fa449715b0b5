import { endpoint } from '../../endpoint.ts';
import { userListQuery, userPage } from './list-users.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-accounts-v2 */
export const adminListUsers = endpoint({
  operationId: 'adminListUsers',
  method: 'GET',
  paths: ['/_synapse/admin/v2/users'],
  auth: 'administrator',
  rateLimit: 'default',
  query: userListQuery,
  async handler(call) {
    return userPage(call, call.query.deactivated ? undefined : false);
  },
});
