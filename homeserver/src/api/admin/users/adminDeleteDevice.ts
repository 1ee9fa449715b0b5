import { endSessions } from '../../client/login/end-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { deviceIdParam } from './device-details.ts';

/** Harmless to repeat. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#delete-a-device */
export const adminDeleteDevice = endpoint({
  operationId: 'adminDeleteDevice',
  method: 'DELETE',
  paths: ['/_synapse/admin/v2/users/{userId}/devices/{deviceId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    await endSessions(call.stubs, userId, [deviceIdParam(call.params.deviceId)]);
    return {};
  },
});
