import { type Denial, denial, unknown } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { newestPosition } from '../../storage/room/events.ts';
import { forgetUpTo, memberOf } from '../../storage/room/members.ts';
import type { Room } from './room.ts';

/** Client-server API, `POST /rooms/{roomId}/forget`. A ban can be forgotten, too. */
export function forgetRoom(room: Room, userId: UserId): { kind: 'done' } | Denial {
  const membership = memberOf(room.sqlite, userId)?.membership;
  if (membership === 'join' || membership === 'invite' || membership === 'knock') {
    return denial(unknown('Leave the room before you forget it', 400));
  }
  if (membership !== undefined) forgetUpTo(room.sqlite, userId, newestPosition(room.sqlite));
  return { kind: 'done' };
}
