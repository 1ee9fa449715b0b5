import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { namedLevel, userPower } from '../../../protocol/power-levels.ts';
import { memberOf } from '../../../storage/room/members.ts';
import type { RoomPreview } from '../../room-rpc.ts';
import { powerState } from '../graph/redaction-refusal.ts';
import type { Room } from '../room.ts';
import { readPreview } from './preview.ts';

/** What an invitation tells of the room. Denied to those who may not invite. */
export function readForInvite(room: Room, userId: UserId): RoomPreview | Denial {
  const state = powerState(room);
  const mayInvite =
    memberOf(room.sqlite, userId)?.membership === 'join' &&
    userPower(userId, state, room.version) >= namedLevel('invite', state, room.version);
  return mayInvite ? readPreview(room, userId) : denial(forbidden('You may not invite to this room'));
}
