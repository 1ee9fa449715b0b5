import type { UserId } from '../../../../../matrix/identifiers.ts';
import { countMembers, oldestMembers } from '../../../storage/room/members.ts';
import type { RoomSummary } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

const maxHeroes = 5;

/** @param follower not among the heroes */
export function roomSummary(room: Room, follower: UserId): RoomSummary {
  const present = oldestMembers(room.sqlite, ['join', 'invite'], follower, maxHeroes);
  return {
    joinedCount: countMembers(room.sqlite, 'join'),
    invitedCount: countMembers(room.sqlite, 'invite'),
    heroes: present.length > 0 ? present : oldestMembers(room.sqlite, ['leave', 'ban'], follower, maxHeroes),
  };
}
