import type { StateEvent, StrippedStateEvent } from '../../../matrix/events.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../../matrix/identifiers.ts';
import { serverNameOf } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { sendMembership } from '../federation/outbound/knock-on-room.ts';
import { outsiderDelta, stateEventOf } from '../federation/outsider-delta.ts';

/**
 * Servers that can let the user in, or out again, of a room in which nobody of this server is: those of who invited
 * them, and of the others that the invitation told of.
 */
export async function serversOutside(
  { config, stubs }: FederationParts,
  userId: UserId,
  roomId: RoomId,
): Promise<ServerName[]> {
  const pending = await stubs.user(userId).pendingMembership(roomId);
  const inviter = pending?.strippedState.find((event) => isOwn(event, userId))?.sender;
  const others = pending?.strippedState.map(({ sender }) => sender) ?? [];
  const servers = [...(inviter ? [inviter] : []), ...others].map(serverNameOf);
  return [...new Set(servers)].filter((server) => server !== config.serverName);
}

function isOwn({ type, state_key }: StrippedStateEvent, userId: UserId): boolean {
  return type === 'm.room.member' && state_key === userId;
}

/**
 * Declines an invitation, or takes back a knock, in a room in which nobody of this server is. The user is rid of it also
 * if the other server is gone.
 * @returns false if there is nothing to leave
 */
export async function leaveOutside(
  parts: FederationParts,
  userId: UserId,
  roomId: RoomId,
  content: JsonObject,
): Promise<boolean> {
  const user = parts.stubs.user(userId);
  const pending = await user.pendingMembership(roomId);
  if (!pending) return false;
  const servers = await serversOutside(parts, userId, roomId);
  let ending = ownEnding(userId, content);
  try {
    const { made } = await sendMembership(parts, servers.slice(0, 3), {
      roomId,
      userId,
      membership: 'leave',
      content,
    });
    ending = stateEventOf(made.eventId, made.pdu);
  } catch (error) {
    log('info', 'federation.leave_failed', { roomId, error: errorText(error) });
  }
  const { roomVersion } = pending;
  const outside = { roomId, roomVersion, membership: 'leave' as const, strippedState: [] };
  await user.applyRoomDelta(outsiderDelta({ ...outside, ending }));
  return true;
}

/** What the user is shown where no server took the event: known to nobody else. */
function ownEnding(userId: UserId, content: JsonObject): StateEvent {
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  return {
    event_id: `$${id}` as EventId,
    type: 'm.room.member',
    state_key: userId,
    sender: userId,
    origin_server_ts: Date.now(),
    content: { ...content, membership: 'leave' },
  };
}
