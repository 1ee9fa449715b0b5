import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import type { Stubs } from '../../../objects/stubs.ts';

/** Signs devices out: sessions first, so that no request can bring keys back. @param deviceIds absent: all */
export async function endSessions(stubs: Stubs, userId: UserId, deviceIds?: DeviceId[]): Promise<void> {
  const ended = await stubs.user(userId).deleteDevices(deviceIds);
  if (ended.length > 0) await stubs.userKeys(userId).deleteDevices(ended);
}
