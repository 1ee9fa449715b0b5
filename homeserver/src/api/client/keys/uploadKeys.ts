import * as v from 'valibot';
import { fromDenial } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { requireDevice } from '../require-device.ts';
import { deviceKeysField, keysById } from './key-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysupload */
export const uploadKeys = endpoint({
  operationId: 'uploadKeys',
  method: 'POST',
  paths: ['/_matrix/client/v3/keys/upload'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    device_keys: v.optional(deviceKeysField),
    one_time_keys: v.optional(keysById),
    fallback_keys: v.optional(keysById),
  }),
  async handler({ body, stubs }, requester) {
    const { userId, deviceId } = requireDevice(requester);
    // Device keys come once in the life of a device: then its name is looked up for `/keys/query`.
    const devices = body.device_keys ? await stubs.user(userId).devices() : [];
    const displayName = devices.find((device) => device.deviceId === deviceId)?.displayName;
    const result = await stubs.userKeys(userId).upload(deviceId, {
      ...(body.device_keys && { deviceKeys: body.device_keys }),
      ...(body.one_time_keys && { oneTimeKeys: body.one_time_keys }),
      ...(body.fallback_keys && { fallbackKeys: body.fallback_keys }),
      ...(displayName !== undefined && { displayName }),
    });
    if (result.kind === 'denied') throw fromDenial(result);
    return { one_time_key_counts: result.oneTimeKeyCounts };
  },
});
