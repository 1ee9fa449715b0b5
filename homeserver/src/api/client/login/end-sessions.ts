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

/** @param deviceId the one that stays, if any */
export async function endOtherSessions(stubs: Stubs, userId: UserId, deviceId?: DeviceId): Promise<void> {
  const devices = await stubs.user(userId).devices();
  const others = devices.map((device) => device.deviceId).filter((other) => other !== deviceId);
  if (others.length > 0) await endSessions(stubs, userId, others);
}

export async function endAllSessions(stubs: Stubs, userId: UserId): Promise<void> {
  const devices = await stubs.user(userId).devices();
  await stubs.userKeys(userId).deleteDevices(devices.map(({ deviceId }) => deviceId));
  await stubs.user(userId).deleteDevices();
}
