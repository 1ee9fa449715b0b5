import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { unnamedWhois } from './whois.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#query-current-sessions-for-a-user */
export const adminWhois = endpoint({
  operationId: 'adminWhois',
  method: 'GET',
  paths: ['/_synapse/admin/v1/whois/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    return unnamedWhois(call.stubs, userId);
  },
});
