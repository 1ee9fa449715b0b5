import * as v from 'valibot';
import { fromDenial, invalidParam } from '../../../../../matrix/errors.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { deviceKeysField, keysById } from '../keys/key-fields.ts';
import { deviceIdField, displayNameField } from '../request-fields.ts';
import { dehydratedDevicePath } from './dehydrated-device-path.ts';

/** Fifty one-time keys and their device take some 20 kB. */
const maxDeviceDataLength = 262_144;

/** https://github.com/matrix-org/matrix-spec-proposals/pull/3814 */
export const putDehydratedDevice = endpoint({
  operationId: 'putDehydratedDevice',
  method: 'PUT',
  paths: [dehydratedDevicePath],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    device_id: deviceIdField,
    device_data: v.pipe(
      v.custom<JsonObject>(isJsonObject, 'not an object'),
      v.check((data) => JSON.stringify(data).length <= maxDeviceDataLength, 'over 256 KiB'),
    ),
    device_keys: deviceKeysField,
    one_time_keys: v.optional(keysById),
    fallback_keys: v.optional(keysById),
    initial_device_display_name: v.nullish(displayNameField),
  }),
  async handler({ body, stubs }, { userId }) {
    const deviceId = body.device_id;
    // Opened before anyone learns of the device, so that no message to it comes too early.
    if (!(await stubs.user(userId).openInbox(deviceId))) throw invalidParam('The device id is in use');
    const keys = stubs.userKeys(userId);
    const result = await keys.putDehydratedDevice({
      deviceId,
      deviceData: body.device_data,
      keys: {
        deviceKeys: body.device_keys,
        ...(body.one_time_keys && { oneTimeKeys: body.one_time_keys }),
        ...(body.fallback_keys && { fallbackKeys: body.fallback_keys }),
        ...(body.initial_device_display_name && { displayName: body.initial_device_display_name }),
      },
    });
    if (result.kind === 'denied') {
      const inUse = await keys.dehydratedDevice();
      if (inUse?.deviceId !== deviceId) await stubs.user(userId).closeInbox(deviceId);
      throw fromDenial(result);
    }
    return { device_id: deviceId };
  },
});
