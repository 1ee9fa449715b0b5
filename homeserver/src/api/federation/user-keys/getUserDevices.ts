import { notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { forServers, ownUsers } from './own-users.ts';

/**
 * The number of the list is the time: whoever hears of a change asks for the whole list anew.
 * https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1userdevicesuserid
 */
export const getUserDevices = endpoint({
  operationId: 'getUserDevices',
  method: 'GET',
  paths: ['/_matrix/federation/v1/user/devices/{userId}'],
  auth: 'server',
  async handler(call) {
    const [userId] = await ownUsers(call, [call.params.userId ?? '']);
    if (!userId) throw notFound('There is no such user');
    const keys = await call.stubs.userKeys(userId).query([], forServers);
    const devices = Object.entries(keys.deviceKeys).map(([deviceId, deviceKeys]): JsonObject => {
      const { unsigned, ...own } = deviceKeys;
      const name = isJsonObject(unsigned) ? unsigned.device_display_name : undefined;
      return {
        device_id: deviceId,
        keys: own,
        ...(typeof name === 'string' ? { device_display_name: name } : {}),
      };
    });
    return {
      user_id: userId,
      stream_id: Date.now(),
      devices,
      ...(keys.masterKey ? { master_key: keys.masterKey } : {}),
      ...(keys.selfSigningKey ? { self_signing_key: keys.selfSigningKey } : {}),
    };
  },
});
