import { createHash } from 'node:crypto';
import { type Denial, denial, notFound, tooLarge, unknown } from '../../../../matrix/errors.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import {
  accountDataSince,
  deletedContent,
  findAccountData,
  putAccountDataRow,
} from '../../storage/user-sync/account-data.ts';
import { findFilter, insertFilter } from '../../storage/user-sync/filters.ts';
import { deleteReceipts } from '../../storage/user-sync/receipts.ts';
import { deleteState } from '../../storage/user-sync/room-state.ts';
import { findRoom, updateRoomMembership } from '../../storage/user-sync/rooms.ts';
import { addListedRooms } from '../../storage/user-sync/stream.ts';
import { decidesOnInvites, reviewInvites } from './hidden-invites.ts';
import { currentPushRules } from './push-flags.ts';
import type { UserContext } from './user-context.ts';

const maxTags = 200;

export function getAccountData(user: UserContext, type: string, roomId?: RoomId): JsonObject | undefined {
  if (roomId === undefined && type === 'm.push_rules') return { global: currentPushRules(user) };
  const row = findAccountData(user.sqlite, roomId ?? '', type);
  return row && row.content !== deletedContent ? (JSON.parse(row.content) as JsonObject) : undefined;
}

/** What is not deleted; push rules with the server's defaults. */
export function allAccountData(user: UserContext): {
  global: Record<string, JsonObject>;
  rooms: Record<string, Record<string, JsonObject>>;
} {
  const global: Record<string, JsonObject> = { 'm.push_rules': { global: currentPushRules(user) } };
  const rooms: Record<string, Record<string, JsonObject>> = {};
  for (const { roomId, type, content } of accountDataSince(user.sqlite, 0)) {
    if (content === deletedContent || (roomId === '' && type === 'm.push_rules')) continue;
    const place = roomId === '' ? global : (rooms[roomId] ?? {});
    place[type] = JSON.parse(content) as JsonObject;
    if (roomId !== '') rooms[roomId] = place;
  }
  return { global, rooms };
}

/**
 * Setting what is set already changes nothing and wakes nobody. An empty content deletes (MSC3391): those who
 * know the former one are told of it, and nobody else.
 * @returns whether it changed
 */
export function putAccountData(
  user: UserContext,
  type: string,
  content: JsonObject,
  roomId?: RoomId,
): boolean {
  const text = JSON.stringify(content);
  const known = findAccountData(user.sqlite, roomId ?? '', type)?.content ?? deletedContent;
  if (known === text) return false;
  user.sqlite.transaction(() => {
    const position = user.stream.next();
    putAccountDataRow(user.sqlite, { roomId: roomId ?? '', type, content: text, position });
    if (roomId !== undefined) return;
    user.known.forget();
    if (decidesOnInvites(type)) reviewInvites(user);
  });
  return true;
}

/** Client-server API, "Room Tagging": all tags of a room are one piece of account data. */
export function editTag(
  user: UserContext,
  roomId: RoomId,
  tag: string,
  content: JsonObject | undefined,
): { kind: 'done' } | Denial {
  const { [tag]: _former, ...others } = tagsOf(getAccountData(user, 'm.tag', roomId));
  const tags = content ? { ...others, [tag]: content } : others;
  if (Object.keys(tags).length > maxTags) return denial(tooLarge('Too many tags'));
  putAccountData(user, 'm.tag', { tags }, roomId);
  return { kind: 'done' };
}

function tagsOf(content: JsonObject | undefined): JsonObject {
  return isJsonObject(content?.tags) ? content.tags : {};
}

/** Equal filters get the same id: clients upload theirs at every start. */
export function putFilter(user: UserContext, filter: JsonObject): string {
  const text = JSON.stringify(filter);
  const filterId = createHash('sha256').update(text).digest('base64url').slice(0, 16);
  if (findFilter(user.sqlite, filterId) === undefined) insertFilter(user.sqlite, filterId, text);
  return filterId;
}

export function getFilter(user: UserContext, filterId: string): JsonObject | undefined {
  const text = findFilter(user.sqlite, filterId);
  return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
}

/** Forgets a room that was left. Its row and last events stay for clients that have yet to see the leave. */
export function forgetRoom(user: UserContext, roomId: RoomId): { kind: 'done' } | Denial {
  const room = findRoom(user.sqlite, roomId);
  if (!room) return denial(notFound('You were never in this room'));
  if (room.membership !== 'leave' && room.membership !== 'ban') {
    return denial(unknown('You are still in this room', 400));
  }
  user.sqlite.transaction(() => {
    user.stream.keep();
    deleteState(user.sqlite, roomId);
    deleteReceipts(user.sqlite, roomId);
    updateRoomMembership(user.sqlite, { ...room, listed: false, forgotten: true });
    if (room.listed) addListedRooms(user.sqlite, -1);
  });
  return { kind: 'done' };
}
