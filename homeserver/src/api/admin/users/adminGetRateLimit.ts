import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** Nobody has limits of their own here, which is told by an empty object. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#get-status-of-ratelimit */
export const adminGetRateLimit = endpoint({
  operationId: 'adminGetRateLimit',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/override_ratelimit'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    await localUser(call);
    return {};
  },
});
