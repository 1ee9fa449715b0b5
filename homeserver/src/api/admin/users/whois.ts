import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Stubs } from '../../../objects/stubs.ts';

/** The specification's answer to `/admin/whois`: what is known of where a user signed in. */
export async function whois(stubs: Stubs, userId: UserId): Promise<JsonObject> {
  const devices = await stubs.user(userId).devices();
  const sessions = devices.map(({ deviceId, lastSeenTs, lastSeenIp }) => {
    const connection = { ip: lastSeenIp ?? '', last_seen: lastSeenTs ?? 0, user_agent: '' };
    return [deviceId, { sessions: [{ connections: [connection] }] }];
  });
  return { user_id: userId, devices: Object.fromEntries(sessions) };
}
