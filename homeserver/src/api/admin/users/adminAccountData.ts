import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#account-data */
export const adminAccountData = endpoint({
  operationId: 'adminAccountData',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/accountdata'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    return { account_data: await call.stubs.user(userId).allAccountData() };
  },
});
