import * as v from 'valibot';
import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import { parseDeviceId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { announceDeviceList } from '../../../services/device-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { displayNameField } from '../request-fields.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3devicesdeviceid
 * Application services make their devices by it: 201 (MSC4190).
 */
export const updateDevice = endpoint({
  operationId: 'updateDevice',
  method: 'PUT',
  paths: ['/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ display_name: v.optional(displayNameField) }),
  async handler({ params, body, env, config, stubs }, { userId, appservice }) {
    const deviceId = parseDeviceId(params.deviceId ?? '');
    if (!deviceId) throw invalidParam('Not a device id');
    const user = stubs.user(userId);
    const exists = await user.updateDevice(deviceId, body.display_name, false);
    if (!exists && !appservice) throw notFound('No such device');
    if (!exists) {
      await user.updateDevice(deviceId, body.display_name, true);
      return Response.json({}, { status: 201 });
    }
    if (body.display_name !== undefined) {
      await stubs.userKeys(userId).setDeviceName(deviceId, body.display_name);
      await announceDeviceList(openD1(env.DB, config.meter), stubs, config, userId);
    }
    return {};
  },
});
