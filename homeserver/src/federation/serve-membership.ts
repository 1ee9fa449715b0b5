import {
  badJson,
  forbidden,
  fromDenial,
  incompatibleRoomVersion,
  unableToAuthoriseJoin,
} from '../../../matrix/errors.ts';
import { parseRoomId, type RoomId, type UserId } from '../../../matrix/identifiers.ts';
import type {
  MembershipInput,
  MembershipTemplate,
  TakenMembership,
  TemplateInput,
} from '../objects/room-serving-rpc.ts';
import { roomVersion } from '../protocol/room-versions.ts';
import { isJoinedToAny } from '../services/joined-to.ts';
import type { FederationParts } from './federation-parts.ts';
import { soundEvents } from './inbound/sound-events.ts';
import type { ServerRequest } from './verify-request.ts';

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
  input: Pick<MembershipInput, 'eventId' | 'membership'>,
): Promise<TakenMembership> {
  const room = parts.stubs.room(roomId);
  const version = roomVersion((await room.roomVersionId()) ?? '');
  if (!version)
    throw fromDenial({ kind: 'denied', status: 404, errcode: 'M_NOT_FOUND', error: 'Unknown room' });
  const { sound, refused } = await soundEvents(parts.env, version, roomId, [{ value: content, problems }]);
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
  return taken;
}

/** "Restricted rooms". @throws MatrixError 400 if this server cannot know, 403 if the user is in none of the rooms */
async function checkTerms(
  { stubs }: Pick<FederationParts, 'stubs'>,
  userId: UserId,
  allowed: readonly string[],
): Promise<void> {
  const rooms = allowed.map(parseRoomId).filter((roomId) => roomId !== undefined);
  if (await isJoinedToAny(stubs, userId, rooms)) return;
  const versions = await Promise.all(rooms.slice(0, 50).map((roomId) => stubs.room(roomId).roomVersionId()));
  if (versions.every((version) => version === undefined)) throw unableToAuthoriseJoin();
  throw forbidden('You are in none of the rooms whose members may join');
}
