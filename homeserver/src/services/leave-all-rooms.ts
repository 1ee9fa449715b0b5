import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import { type AppendParts, appendEvent } from './append-event.ts';

/** For a deactivated user. A room that refuses is one that the user is no longer in. */
export async function leaveAllRooms(
  parts: AppendParts,
  userId: UserId,
  rooms: readonly RoomId[],
): Promise<void> {
  await mapConcurrently(rooms, 5, (roomId) =>
    appendEvent(parts, roomId, {
      sender: userId,
      type: 'm.room.member',
      stateKey: userId,
      content: { membership: 'leave' },
    }),
  );
}
