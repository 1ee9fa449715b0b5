import type { Membership } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import {
  addEncryptedMember,
  encryptedMembersOf,
  putDeviceList,
  removeEncryptedMember,
  sharesEncryptedRoom,
} from '../../storage/user-sync/device-lists.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { DeliveredEvent, RoomDelta } from '../room-rpc.ts';
import type { UserContext } from './user-context.ts';

/**
 * Device lists (client-server API, "Tracking the device list for a user"): who newly shares a room is
 * `changed`, who shares none any more has `left`. Sharing is known exactly for encrypted rooms; in others a
 * member who comes or goes is told too, since a miss makes messages undecryptable and a hit costs nothing.
 */
export function followDeviceLists(
  user: UserContext,
  room: RoomRow,
  delta: RoomDelta,
  events: readonly DeliveredEvent[],
  membershipBefore: Membership | undefined,
): void {
  if (delta.membership !== 'join') {
    if (membershipBefore === 'join') leaveRoom(user, room);
    return;
  }
  if (delta.snapshot?.joinedMembers) setMembers(user, room, delta.snapshot.joinedMembers);
  for (const { event } of events) {
    if (event.type !== 'm.room.member' || event.state_key === undefined) continue;
    if (event.state_key === user.userId) continue;
    const previous = event.unsigned?.prev_content;
    const wasJoined = isJsonObject(previous) && previous.membership === 'join';
    if (event.content.membership === 'join') {
      if (!wasJoined) share(user, room, event.state_key);
    } else if (wasJoined || room.encrypted) unshare(user, room, event.state_key);
  }
  followCorrections(user, room, delta);
}

/** Who is in or out since branches of the room met; in doubt it is told. */
function followCorrections(user: UserContext, room: RoomRow, { corrections }: RoomDelta): void {
  const isOther = (type: string, stateKey: string) => type === 'm.room.member' && stateKey !== user.userId;
  for (const { type, state_key, content } of corrections?.set ?? []) {
    if (!isOther(type, state_key)) continue;
    if (content.membership === 'join') share(user, room, state_key);
    else unshare(user, room, state_key);
  }
  for (const { type, stateKey } of corrections?.removed ?? []) {
    if (isOther(type, stateKey)) unshare(user, room, stateKey);
  }
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

function share(user: UserContext, room: RoomRow, other: string): void {
  const shared = sharesEncryptedRoom(user.sqlite, other);
  if (room.encrypted) addEncryptedMember(user.sqlite, other, room.roomId);
  if (!shared) putDeviceList(user.sqlite, other, user.stream.next(), false);
}

function unshare(user: UserContext, room: RoomRow, other: string): void {
  removeEncryptedMember(user.sqlite, other, room.roomId);
  if (!sharesEncryptedRoom(user.sqlite, other)) putDeviceList(user.sqlite, other, user.stream.next(), true);
}

function setMembers(user: UserContext, room: RoomRow, members: readonly UserId[]): void {
  const now = new Set<string>(members);
  for (const other of encryptedMembersOf(user.sqlite, room.roomId)) {
    if (!now.delete(other)) unshare(user, room, other);
  }
  now.delete(user.userId);
  for (const other of now) {
    const shared = sharesEncryptedRoom(user.sqlite, other);
    addEncryptedMember(user.sqlite, other, room.roomId);
    if (!shared) putDeviceList(user.sqlite, other, user.stream.next(), false);
  }
}

function leaveRoom(user: UserContext, room: RoomRow): void {
  for (const other of encryptedMembersOf(user.sqlite, room.roomId)) unshare(user, room, other);
}
