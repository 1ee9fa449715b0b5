import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Stubs } from '../objects/stubs.ts';

/** For a deactivated user. A room that refuses is one that the user is no longer in. */
export async function leaveAllRooms(stubs: Stubs, userId: UserId, rooms: readonly RoomId[]): Promise<void> {
  await mapConcurrently(rooms, 5, (roomId) =>
    stubs.room(roomId).append({
      sender: userId,
      type: 'm.room.member',
      stateKey: userId,
      content: { membership: 'leave' },
    }),
  );
}
