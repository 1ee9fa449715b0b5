import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type { SlidingFilters } from '../../../protocol/sync/sliding-request.ts';
import { roomsWithAccountData } from '../../../storage/user-sync/account-data.ts';
import { findState, stateOfTypes } from '../../../storage/user-sync/room-state.ts';
import { findRoom, type RoomRow } from '../../../storage/user-sync/rooms.ts';
import type { UserContext } from '../user-context.ts';

/** The tests that a list's filters make of a room; all must hold. What a filter needs is read once. */
export function roomTests(user: UserContext, filters: SlidingFilters): ((room: RoomRow) => boolean)[] {
  const tests: ((room: RoomRow) => boolean)[] = [];
  const { is_dm, is_encrypted, is_invite, is_invited, spaces, room_types, not_room_types, room_name_like } =
    filters;
  if (is_dm != null) tests.push((room) => isDirect(user, room) === is_dm);
  if (is_encrypted != null) tests.push((room) => isEncrypted(room) === is_encrypted);
  if (is_invite != null) tests.push((room) => isInvite(room) === is_invite);
  if (is_invited != null) tests.push((room) => (room.membership === 'invite') === is_invited);
  if (room_types) tests.push((room) => room_types.includes(roomTypeOf(room)));
  if (not_room_types) tests.push((room) => !not_room_types.includes(roomTypeOf(room)));
  if (spaces) {
    const children = new Set(spaces.flatMap((space) => childrenOf(user, space)));
    tests.push((room) => children.has(room.roomId));
  }
  if (filters.tags || filters.not_tags) tests.push(tagTest(user, filters));
  if (room_name_like != null) {
    const wanted = room_name_like.toLowerCase();
    tests.push((room) => (nameOf(user, room) ?? '').toLowerCase().includes(wanted));
  }
  return tests;
}

export function isDirect(user: UserContext, room: RoomRow): boolean {
  if (user.known.directRooms.has(room.roomId)) return true;
  if (room.membership !== 'invite') return false;
  return stripped(room, 'm.room.member', user.userId)?.is_direct === true;
}

/** The name as `m.room.name` gives it; clients compute the others. */
export function nameOf(user: UserContext, room: RoomRow): string | undefined {
  const content = isInvite(room)
    ? stripped(room, 'm.room.name', '')
    : findState(user.sqlite, room.roomId, 'm.room.name', '')?.event.content;
  return typeof content?.name === 'string' && content.name !== '' ? content.name : undefined;
}

export function isInvite(room: RoomRow): boolean {
  return room.membership === 'invite' || room.membership === 'knock';
}

export function stripped(room: RoomRow, type: string, stateKey: string): JsonObject | undefined {
  return room.strippedState?.find((event) => event.type === type && event.state_key === stateKey)?.content;
}

function isEncrypted(room: RoomRow): boolean {
  return isInvite(room) ? stripped(room, 'm.room.encryption', '') !== undefined : room.encrypted;
}

function roomTypeOf(room: RoomRow): string | null {
  if (!isInvite(room)) return room.roomType;
  const type = stripped(room, 'm.room.create', '')?.type;
  return typeof type === 'string' ? type : null;
}

function childrenOf(user: UserContext, space: string): string[] {
  if (findRoom(user.sqlite, space)?.membership !== 'join') return [];
  return stateOfTypes(user.sqlite, space, ['m.space.child'])
    .filter((event) => Array.isArray(event.content.via))
    .map((event) => event.state_key);
}

function tagTest(user: UserContext, { tags, not_tags }: SlidingFilters): (room: RoomRow) => boolean {
  const tagsByRoom = new Map(
    roomsWithAccountData(user.sqlite, 'm.tag').map((row) => [row.roomId, tagNames(row.content)]),
  );
  return (room) => {
    const present = tagsByRoom.get(room.roomId) ?? [];
    if (not_tags?.some((tag) => present.includes(tag))) return false;
    return !tags || tags.some((tag) => present.includes(tag));
  };
}

function tagNames(content: string): string[] {
  const tags = (JSON.parse(content) as JsonObject).tags;
  return isJsonObject(tags) ? Object.keys(tags) : [];
}
