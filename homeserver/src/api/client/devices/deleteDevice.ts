import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import type { DeviceId } from '../../../../../matrix/identifiers.ts';
import { endpoint } from '../../endpoint.ts';
import { requireUser } from '../interactive-auth.ts';
import { authField } from '../keys/key-fields.ts';
import { endSessions } from '../login/end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3devicesdeviceid */
export const deleteDevice = endpoint({
  operationId: 'deleteDevice',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ auth: authField }),
  async handler(call, requester) {
    const deviceId = (call.params.deviceId ?? '') as DeviceId;
    const devices = await call.stubs.user(requester.userId).devices();
    if (!devices.some((device) => device.deviceId === deviceId)) throw notFound('No such device');
    await requireUser(call, requester, `deleteDevice ${deviceId}`);
    await endSessions(call.stubs, requester.userId, [deviceId]);
    return {};
  },
});
