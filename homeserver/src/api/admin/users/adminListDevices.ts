import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { deviceDetails } from './device-details.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-all-devices */
export const adminListDevices = endpoint({
  operationId: 'adminListDevices',
  method: 'GET',
  paths: ['/_synapse/admin/v2/users/{userId}/devices'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    const devices = await call.stubs.user(userId).devices();
    return { devices: devices.map((device) => deviceDetails(userId, device)), total: devices.length };
  },
});
