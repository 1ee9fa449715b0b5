import type { RoomId } from '../../../../matrix/identifiers.ts';
import { deleteRing, deleteRingEvents, eventMarks } from '../../storage/user-sync/ring.ts';
import { findRoom, updateRoomForChange } from '../../storage/user-sync/rooms.ts';
import { uncountEvent } from './notification-counts.ts';
import type { UserContext } from './user-context.ts';

/** The room purged these of its events: so do we, and what was unread among them counts no more. */
export function dropEvents(user: UserContext, roomId: RoomId, positions: readonly number[] | 'all'): void {
  const room = findRoom(user.sqlite, roomId);
  if (!room) return;
  user.sqlite.transaction(() => {
    if (positions === 'all') {
      deleteRing(user.sqlite, roomId);
      return;
    }
    const purged = new Set(positions);
    const marks = eventMarks(user.sqlite, roomId).filter(({ roomPosition }) => purged.has(roomPosition));
    if (marks.length === 0) return;
    deleteRingEvents(
      user.sqlite,
      roomId,
      marks.map(({ roomPosition }) => roomPosition),
    );
    const unread = marks.reduce(uncountEvent, room.unread);
    if (unread === room.unread) return;
    const position = user.stream.next();
    updateRoomForChange(user.sqlite, { ...room, unread, countsAt: position, changeAt: position });
  });
}
