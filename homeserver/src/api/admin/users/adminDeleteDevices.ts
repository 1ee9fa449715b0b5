import * as v from 'valibot';
import { endSessions } from '../../client/login/end-sessions.ts';
import { deviceIdField } from '../../client/request-fields.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#delete-multiple-devices */
export const adminDeleteDevices = endpoint({
  operationId: 'adminDeleteDevices',
  method: 'POST',
  paths: ['/_synapse/admin/v2/users/{userId}/delete_devices'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ devices: v.pipe(v.array(deviceIdField), v.maxLength(1000)) }),
  async handler(call) {
    const { userId } = await localUser(call);
    if (call.body.devices.length > 0) await endSessions(call.stubs, userId, call.body.devices);
    return {};
  },
});
