import {
  type EventId,
  parseUserId,
  type RoomId,
  type ServerName,
  serverNameOf,
  type UserId,
} from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { roomVersion } from '../../protocol/room-versions.ts';
import { selectExisting } from '../../storage/d1/accounts.ts';
import type { FederationParts } from '../federation-parts.ts';
import { outsiderDelta, stateEventOf } from '../outsider-delta.ts';
import type { SentPdu } from './receive-transaction.ts';
import { soundEvents } from './sound-events.ts';

/**
 * In a room that is not here: the end of an invitation or knock of one of our users. Nothing but the signature can be
 * judged, so it is believed to who invited, or to the server that was knocked at.
 * @returns ids of the events that were of this kind
 */
export async function receiveRetractions(
  { env, config, stubs }: FederationParts,
  origin: ServerName,
  roomId: RoomId,
  sent: readonly SentPdu[],
): Promise<EventId[]> {
  const taken: EventId[] = [];
  for (const one of sent) {
    const userId = removedUser(one);
    if (!userId || serverNameOf(userId) !== config.serverName) continue;
    // To ask an object makes it.
    if ((await selectExisting(openD1(env.DB, config.meter), [userId])).length === 0) continue;
    const pending = await stubs.user(userId).pendingMembership(roomId);
    const version = pending && roomVersion(pending.roomVersion);
    const askedBy = pending?.strippedState.find((event) => isAbout(event, userId))?.sender;
    if (!pending || !version) continue;
    const { sound } = await soundEvents(env, version, roomId, [one]);
    const [event] = sound;
    if (!event || serverNameOf(event.pdu.sender) !== origin) continue;
    // Whether another may take it back is for the state to say, which is not known.
    if (pending.membership === 'invite' && event.pdu.sender !== askedBy) continue;
    const ending = stateEventOf(event.eventId, event.pdu);
    const outside = {
      roomId,
      roomVersion: version.id,
      membership: 'leave' as const,
      strippedState: [],
      ending,
    };
    await stubs.user(userId).applyRoomDelta(outsiderDelta(outside));
    taken.push(event.eventId);
  }
  return taken;
}

function removedUser({ value }: SentPdu): UserId | undefined {
  const { type, state_key: stateKey, content } = value;
  const membership = isJsonObject(content) ? content.membership : undefined;
  const isRemoval = type === 'm.room.member' && (membership === 'leave' || membership === 'ban');
  return isRemoval && typeof stateKey === 'string' ? parseUserId(stateKey) : undefined;
}

function isAbout({ type, state_key }: { type: string; state_key: string }, userId: UserId): boolean {
  return type === 'm.room.member' && state_key === userId;
}
