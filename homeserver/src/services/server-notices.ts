import { fromDenial, MatrixError } from '../../../matrix/errors.ts';
import {
  type DeviceId,
  type EventId,
  makeUserId,
  type RoomId,
  type UserId,
} from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import type { PendingMembership } from '../objects/user-sync-rpc.ts';
import { appendEvent } from './append-event.ts';
import { type CreateRoomParts, createRoom } from './create-room.ts';
import { memberContent } from './member-content.ts';

/** Client-server API, "Server Notices": the user that they come from, whom nobody can be. */
const localpart = '_server';
const tag = 'm.server_notice';

export function noticesUser({ serverName }: Config): UserId {
  return makeUserId(localpart, serverName) as UserId;
}

export interface Notice {
  type: string;
  content: JsonObject;
  stateKey?: string;
  /** The same notice of the same administrator is sent once. */
  transaction?: { deviceId: DeviceId; txnId: string };
}

/**
 * Sends a notice into the user's room for them, which is made at first; who has left it is invited again.
 * @throws MatrixError
 */
export async function sendNotice(
  parts: CreateRoomParts,
  userId: UserId,
  { type, content, stateKey, transaction }: Notice,
  nowMs: number,
): Promise<EventId> {
  const roomId = (await findRoom(parts, userId)) ?? (await makeRoom(parts, userId, nowMs));
  await requireInRoom(parts, roomId, userId);
  const sent = await appendEvent(parts, roomId, {
    sender: noticesUser(parts.config),
    type,
    content,
    ...(stateKey !== undefined && { stateKey }),
    ...(transaction && { transaction }),
  });
  if (sent.kind === 'denied') throw fromDenial(sent);
  return sent.eventId;
}

/** The tag alone is the user's to set: only in a room of ours it counts. */
async function findRoom({ config, stubs }: CreateRoomParts, userId: UserId): Promise<RoomId | undefined> {
  const [{ rooms }, ours] = await Promise.all([
    stubs.user(userId).allAccountData(),
    stubs.user(noticesUser(config)).joinedRooms(),
  ]);
  return ours.find((roomId) => {
    const tags = rooms[roomId]?.['m.tag']?.tags;
    return isJsonObject(tags) && Object.hasOwn(tags, tag);
  });
}

async function makeRoom(parts: CreateRoomParts, userId: UserId, nowMs: number): Promise<RoomId> {
  const request = {
    isPublic: false,
    preset: 'private_chat' as const,
    name: 'Server notices',
    invite: [userId],
    isDirect: false,
    initialState: [],
    creationContent: { 'm.federate': false },
    powerLevelOverride: { users_default: -10 },
  };
  const roomId = await createRoom(parts, noticesUser(parts.config), request, nowMs);
  const tagged = await parts.stubs.user(userId).editTag(roomId, tag, {});
  if (tagged.kind === 'denied') throw fromDenial(tagged);
  return roomId;
}

async function requireInRoom(parts: CreateRoomParts, roomId: RoomId, userId: UserId): Promise<void> {
  const invited = await appendEvent(parts, roomId, {
    sender: noticesUser(parts.config),
    type: 'm.room.member',
    stateKey: userId,
    content: await memberContent(parts.db, parts.config, userId, 'invite'),
    onlyFrom: ['leave'],
  });
  // Who is there, or still invited, need not be invited.
  if (invited.kind === 'denied' && invited.status !== 403) throw fromDenial(invited);
}

/** An invitation to be told what the server has to say can be accepted or left lying. @throws MatrixError */
export function requireNoNotices(
  config: Config,
  userId: UserId,
  pending: PendingMembership | undefined,
): void {
  const invite = pending?.strippedState.find(
    ({ type, state_key }) => type === 'm.room.member' && state_key === userId,
  );
  if (pending?.membership !== 'invite' || invite?.sender !== noticesUser(config)) return;
  throw new MatrixError(
    403,
    'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM',
    'This is the room of notices of the server',
  );
}
