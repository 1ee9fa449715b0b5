import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { DeviceInfo } from '../../../objects/user-sync-rpc.ts';

/** The specification's answer to `/admin/whois`: what is known of where a user signed in, by device. */
export async function whois(stubs: Stubs, userId: UserId): Promise<JsonObject> {
  const devices = await stubs.user(userId).devices();
  const sessions = devices.map((device) => [
    device.deviceId,
    { sessions: [{ connections: [connectionOf(device)] }] },
  ]);
  return { user_id: userId, devices: Object.fromEntries(sessions) };
}

/** The same as Synapse has it and consoles read it: all connections as those of a device without a name. */
export async function unnamedWhois(stubs: Stubs, userId: UserId): Promise<JsonObject> {
  const devices = await stubs.user(userId).devices();
  return { user_id: userId, devices: { '': { sessions: [{ connections: devices.map(connectionOf) }] } } };
}

function connectionOf({ lastSeenTs, lastSeenIp }: DeviceInfo): JsonObject {
  return { ip: lastSeenIp ?? '', last_seen: lastSeenTs ?? 0, user_agent: '' };
}
