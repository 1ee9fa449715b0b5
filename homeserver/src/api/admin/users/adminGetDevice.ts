import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { deviceDetails, deviceOf } from './device-details.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#show-a-device */
export const adminGetDevice = endpoint({
  operationId: 'adminGetDevice',
  method: 'GET',
  paths: ['/_synapse/admin/v2/users/{userId}/devices/{deviceId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    return deviceDetails(userId, await deviceOf(call.stubs, userId, call.params.deviceId));
  },
});
