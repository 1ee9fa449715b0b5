import type { ClientEvent, Membership, StateEvent } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import {
  addEncryptedMember,
  encryptedMembersOf,
  putDeviceList,
  removeEncryptedMember,
  sharesEncryptedRoom,
  sharesEncryptedRoomSince,
} from '../../storage/user-sync/device-lists.ts';
import { hasPartialRoom, type RoomRow } from '../../storage/user-sync/rooms.ts';
import type { DeliveredEvent, RoomDelta } from '../room-rpc.ts';
import type { UserContext } from './user-context.ts';

/**
 * Device lists (client-server API, "Tracking the device list for a user"): who newly shares an encrypted room is
 * `changed`, who shares none any more has `left`. Encryption that is turned on comes with a snapshot. Other rooms do
 * not count, but who is seen to come into or leave one is told, too, if no encrypted room is shared: other servers do
 * so, clients do not track these people anyway, and the members of large rooms need not be kept.
 */
export function followDeviceLists(
  user: UserContext,
  room: RoomRow,
  delta: RoomDelta,
  events: readonly DeliveredEvent[],
  membershipBefore: Membership | undefined,
  nowMs: number,
): void {
  if (delta.membership !== 'join') {
    if (membershipBefore === 'join') leaveRoom(user, room);
    return;
  }
  if (delta.snapshot) {
    if (delta.snapshot.joinedMembers) setMembers(user, room, delta.snapshot.joinedMembers, nowMs);
    else meetMembers(user, delta.members);
    return;
  }
  for (const { event } of events) {
    if (event.type !== 'm.room.member' || (!room.encrypted && !isMove(event))) continue;
    follow(user, room, event.state_key, event.content.membership, nowMs);
  }
  for (const { type, state_key, content } of delta.corrections?.set ?? []) {
    if (type === 'm.room.member') follow(user, room, state_key, content.membership, nowMs);
  }
  for (const { type, stateKey } of delta.corrections?.removed ?? []) {
    if (type === 'm.room.member') follow(user, room, stateKey, 'leave', nowMs);
  }
}

/** Into the room or out of it; not a change of name, or an invitation. */
function isMove({ content, unsigned }: ClientEvent): boolean {
  const previous = unsigned?.prev_content;
  const wasJoined = isJsonObject(previous) && previous.membership === 'join';
  return wasJoined !== (content.membership === 'join');
}

function follow(
  user: UserContext,
  room: RoomRow,
  other: string | undefined,
  membership: unknown,
  nowMs: number,
): void {
  if (other === undefined || other === user.userId) return;
  if (membership === 'join') share(user, room, other, nowMs);
  else unshare(user, room, other);
}

/** Somebody elsewhere has other devices now; of no concern unless an encrypted room is shared, or may be. */
export function noteDevicesOf(user: UserContext, other: UserId): void {
  if (sharesEncryptedRoom(user.sqlite, other) || hasPartialRoom(user.sqlite))
    markDeviceLists(user, [other], []);
}

/** Of these users those with whom an encrypted room is shared, and since when without a break (epoch ms). */
export function sharedSince(user: UserContext, others: readonly UserId[]): Record<UserId, number> {
  const found: Record<UserId, number> = {};
  for (const other of others) {
    const sinceMs = sharesEncryptedRoomSince(user.sqlite, other);
    if (sinceMs !== undefined) found[other] = sinceMs;
  }
  return found;
}

/** Marks users whose devices or identity changed, and users that left. */
export function markDeviceLists(
  user: UserContext,
  changed: readonly UserId[],
  left: readonly UserId[],
): void {
  user.sqlite.transaction(() => {
    for (const userId of changed) putDeviceList(user.sqlite, userId, user.stream.next(), false);
    for (const userId of left) putDeviceList(user.sqlite, userId, user.stream.next(), true);
  });
}

function share(user: UserContext, room: RoomRow, other: string, nowMs: number): void {
  const shared = sharesEncryptedRoom(user.sqlite, other);
  if (room.encrypted) addEncryptedMember(user.sqlite, other, room.roomId, nowMs);
  if (!shared) putDeviceList(user.sqlite, other, user.stream.next(), false);
}

function unshare(user: UserContext, room: RoomRow, other: string): void {
  if (!removeEncryptedMember(user.sqlite, other, room.roomId) && room.encrypted) return;
  if (!sharesEncryptedRoom(user.sqlite, other)) putDeviceList(user.sqlite, other, user.stream.next(), true);
}

/**
 * Over a gap somebody may have left, changed a device and come back. So all are told of whom nothing was heard by
 * another room: a miss makes messages undecryptable, a hit costs a question.
 */
function setMembers(user: UserContext, room: RoomRow, members: readonly UserId[], nowMs: number): void {
  const now = new Set<string>(members);
  now.delete(user.userId);
  for (const other of encryptedMembersOf(user.sqlite, room.roomId)) {
    if (now.has(other)) removeEncryptedMember(user.sqlite, other, room.roomId);
    else unshare(user, room, other);
  }
  for (const other of now) share(user, room, other, nowMs);
}

/** Those of a room without encryption that are known to be in it. */
function meetMembers(user: UserContext, members: readonly StateEvent[]): void {
  for (const { state_key: other, content } of members) {
    if (content.membership !== 'join' || other === user.userId) continue;
    if (!sharesEncryptedRoom(user.sqlite, other))
      putDeviceList(user.sqlite, other, user.stream.next(), false);
  }
}

function leaveRoom(user: UserContext, room: RoomRow): void {
  for (const other of encryptedMembersOf(user.sqlite, room.roomId)) unshare(user, room, other);
}
