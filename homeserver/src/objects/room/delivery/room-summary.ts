import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { RoomSummary } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { memberTotals, oldestOf } from './shared-reads.ts';

const maxHeroes = 5;

/** @param follower not among the heroes */
export function roomSummary(room: Room, follower: UserId): RoomSummary {
  const present = oldestOf(room, 'present', follower, maxHeroes);
  return {
    ...memberTotals(room),
    heroes: present.length > 0 ? present : oldestOf(room, 'gone', follower, maxHeroes),
  };
}
