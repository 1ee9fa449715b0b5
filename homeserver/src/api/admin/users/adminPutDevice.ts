import * as v from 'valibot';
import { displayNameField } from '../../client/request-fields.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { deviceOf } from './device-details.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#update-a-device */
export const adminPutDevice = endpoint({
  operationId: 'adminPutDevice',
  method: 'PUT',
  paths: ['/_synapse/admin/v2/users/{userId}/devices/{deviceId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ display_name: v.optional(displayNameField) }),
  async handler(call) {
    const { stubs, body } = call;
    const { userId } = await localUser(call);
    const { deviceId } = await deviceOf(stubs, userId, call.params.deviceId);
    if (body.display_name === undefined) return {};
    await stubs.user(userId).updateDevice(deviceId, body.display_name, false);
    await stubs.userKeys(userId).setDeviceName(deviceId, body.display_name);
    return {};
  },
});
