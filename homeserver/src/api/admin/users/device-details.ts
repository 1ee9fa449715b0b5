import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import { type DeviceId, parseDeviceId, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { DeviceInfo } from '../../../objects/user-sync-rpc.ts';

/** A device as administrators see it. */
export function deviceDetails(userId: UserId, device: DeviceInfo): JsonObject {
  return {
    user_id: userId,
    device_id: device.deviceId,
    display_name: device.displayName ?? null,
    last_seen_ip: device.lastSeenIp ?? null,
    last_seen_ts: device.lastSeenTs ?? null,
    last_seen_user_agent: null,
  };
}

/** @throws `M_NOT_FOUND`, `M_INVALID_PARAM` */
export async function deviceOf(stubs: Stubs, userId: UserId, text: string | undefined): Promise<DeviceInfo> {
  const deviceId = deviceIdParam(text);
  const device = (await stubs.user(userId).devices()).find((one) => one.deviceId === deviceId);
  if (!device) throw notFound('No such device');
  return device;
}

export function deviceIdParam(text: string | undefined): DeviceId {
  const deviceId = parseDeviceId(text ?? '');
  if (!deviceId) throw invalidParam('Not a device id');
  return deviceId;
}
