import {
  badJson,
  forbidden,
  fromDenial,
  incompatibleRoomVersion,
  unableToAuthoriseJoin,
} from '../../../matrix/errors.ts';
import {
  parseRoomId,
  parseUserId,
  type RoomId,
  serverNameOf,
  type UserId,
} from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Config } from '../config.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { soundEvents } from '../federation/inbound/sound-events.ts';
import type { ServerRequest } from '../federation/verify-request.ts';
import type {
  MembershipInput,
  MembershipTemplate,
  TakenMembership,
  TemplateInput,
} from '../objects/room-serving-rpc.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { signPdu } from '../protocol/signatures.ts';
import { isJoinedToAny } from './joined-to.ts';

/** Server-server API, "Joining Rooms", "Leaving Rooms", "Knocking upon a room": the first step. @throws MatrixError */
export async function makeTemplate(
  { stubs }: FederationParts,
  roomId: RoomId,
  input: Omit<TemplateInput, 'meetsTerms'>,
): Promise<MembershipTemplate> {
  const room = stubs.room(roomId);
  let answer = await room.templateFor({ ...input, meetsTerms: false });
  if (answer.kind === 'needs') {
    await checkTerms({ stubs }, input.userId, answer.allowedRooms);
    answer = await room.templateFor({ ...input, meetsTerms: true });
  }
  switch (answer.kind) {
    case 'template':
      return answer;
    case 'incompatible':
      throw incompatibleRoomVersion(answer.roomVersion);
    case 'denied':
      throw fromDenial(answer);
    default:
      throw forbidden('The rooms that are asked for have changed');
  }
}

/** The second step: the event comes back signed. @throws MatrixError */
export async function takeSigned(
  parts: FederationParts,
  roomId: RoomId,
  { origin, content, problems }: ServerRequest,
  input: Pick<MembershipInput, 'eventId' | 'membership' | 'omitMembers'>,
): Promise<TakenMembership> {
  const room = parts.stubs.room(roomId);
  const version = roomVersion((await room.roomVersionId()) ?? '');
  if (!version)
    throw fromDenial({ kind: 'denied', status: 404, errcode: 'M_NOT_FOUND', error: 'Unknown room' });
  const value = withVoucher(parts.config, version, content);
  const { sound, refused } = await soundEvents(parts.env, version, roomId, [{ value, problems }]);
  const [event] = sound;
  if (!event) throw badJson([...refused.values()][0] ?? 'The event is malformed');
  const given = { ...input, server: origin, pdu: { ...event.pdu } };
  let taken = await room.takeMembership({ ...given, meetsTerms: false });
  if (taken.kind === 'needs') {
    await checkTerms(parts, event.pdu.sender, taken.allowedRooms);
    taken = await room.takeMembership({ ...given, meetsTerms: true });
  }
  if (taken.kind === 'denied') throw fromDenial(taken);
  if (taken.kind === 'needs') throw forbidden('The rooms that are asked for have changed');
  // It may ask for an event without naming the room (`findEventFor`) before anything was said there.
  if (input.membership === 'join') await parts.stubs.destination(origin).learnRoom(roomId);
  return taken;
}

/** "Restricted rooms". @throws MatrixError 400 if this server cannot know, 403 if the user is in none of the rooms */
async function checkTerms(
  { stubs }: Pick<FederationParts, 'stubs'>,
  userId: UserId,
  allowed: readonly string[],
): Promise<void> {
  const named = allowed.map(parseRoomId).filter((roomId) => roomId !== undefined);
  const known = await mapConcurrently(named.slice(0, 50), 10, async (roomId) => {
    // What a room was when the last of our users left it says nothing any more.
    return (await stubs.room(roomId).localMembers()).length > 0 ? [roomId] : [];
  });
  const rooms = known.flat();
  if (await isJoinedToAny(stubs, userId, rooms)) return;
  if (named.length > 0 && rooms.length === 0) throw unableToAuthoriseJoin();
  throw forbidden('You are in none of the rooms whose members may join');
}

/**
 * A restricted join that this server vouches for has to carry its signature, which only it can add. Added before the
 * others are checked, and given away only if the room takes the event.
 */
function withVoucher(config: Config, version: RoomVersion, event: JsonObject): JsonObject {
  const via = isJsonObject(event.content) ? event.content.join_authorised_via_users_server : undefined;
  const voucher = typeof via === 'string' ? parseUserId(via) : undefined;
  if (!voucher || serverNameOf(voucher) !== config.serverName) return event;
  try {
    return signPdu(event, version, config.serverName, config.signingKey);
  } catch {
    // No canonical JSON: the check says so.
    return event;
  }
}
