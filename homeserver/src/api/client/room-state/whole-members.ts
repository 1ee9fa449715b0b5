import { MatrixError } from '../../../../../matrix/errors.ts';
import type { StateEvent } from '../../../../../matrix/events.ts';
import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { RoomRpc } from '../../../objects/room-rpc.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { granted } from '../room-requests.ts';

/** Clients wait longer for the first answer of a request. */
const patienceMs = 45_000;
const longestPauseMs = 2_000;

/**
 * The members of a room. Of one that was joined while they were left out they are waited for, here, where waiting costs
 * nothing. @throws MatrixError 504 if they do not come: to take some for all would have messages encrypted for too few
 */
export async function wholeMembers(
  stubs: Stubs,
  roomId: RoomId,
  userId: UserId,
  options: Parameters<RoomRpc['readMembers']>[1],
): Promise<StateEvent[]> {
  const endMs = Date.now() + patienceMs;
  for (let pauseMs = 200; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const { events, isPartial } = granted(await stubs.room(roomId).readMembers(userId, options));
    if (!isPartial) return events;
    if (Date.now() > endMs) {
      throw new MatrixError(504, 'M_UNKNOWN', 'The members of the room are still being fetched');
    }
    await scheduler.wait(pauseMs);
  }
}
