import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import type { Stubs } from '../../../objects/stubs.ts';

/**
 * Signs devices out. Their keys go first: should it be cut off there, the client's token still works and it
 * asks again, whereas keys without a device would stay for ever.
 */
export async function endSessions(stubs: Stubs, userId: UserId, deviceIds: DeviceId[]): Promise<void> {
  await stubs.userKeys(userId).deleteDevices(deviceIds);
  await stubs.user(userId).deleteDevices(deviceIds);
}

export async function endAllSessions(stubs: Stubs, userId: UserId): Promise<void> {
  const devices = await stubs.user(userId).devices();
  await stubs.userKeys(userId).deleteDevices(devices.map(({ deviceId }) => deviceId));
  await stubs.user(userId).deleteDevices();
}
