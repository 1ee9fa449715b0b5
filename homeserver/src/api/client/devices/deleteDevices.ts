import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { requireUser } from '../interactive-auth.ts';
import { authField } from '../keys/key-fields.ts';
import { endSessions } from '../login/end-sessions.ts';
import { deviceIdField } from '../request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3delete_devices */
export const deleteDevices = endpoint({
  operationId: 'deleteDevices',
  method: 'POST',
  paths: ['/_matrix/client/v3/delete_devices'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ auth: authField, devices: v.pipe(v.array(deviceIdField), v.maxLength(1000)) }),
  async handler(call, requester) {
    await requireUser(call, requester, 'deleteDevices');
    await endSessions(call.stubs, requester.userId, call.body.devices);
    return {};
  },
});
