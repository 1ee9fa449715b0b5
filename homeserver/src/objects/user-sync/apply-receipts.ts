import { putReceipt, receiptEvent } from '../../storage/user-sync/receipts.ts';
import { eventMarks } from '../../storage/user-sync/ring.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { ReceiptContent } from '../room-rpc.ts';
import { readUpTo } from './notification-counts.ts';
import type { UserContext } from './user-context.ts';

/** Stores receipts that are news; the user's own ones move the read position. */
export function applyReceipts(user: UserContext, room: RoomRow, content: ReceiptContent): void {
  for (const [eventId, types] of Object.entries(content)) {
    for (const [type, users] of Object.entries(types)) {
      for (const [userId, { ts, thread_id }] of Object.entries(users)) {
        const key = { roomId: room.roomId, userId, type, threadId: thread_id ?? '' };
        const known = receiptEvent(user.sqlite, key);
        if (known?.eventId === eventId && known.ts === ts) continue;
        putReceipt(user.sqlite, { ...key, eventId, ts, position: user.stream.next() });
        if (userId === user.userId) moveReadPosition(user, room, eventId, thread_id);
      }
    }
  }
}

/** An event that fell out of the ring says nothing new: everything the ring counts came after it. */
function moveReadPosition(
  user: UserContext,
  room: RoomRow,
  eventId: string,
  threadId: string | undefined,
): void {
  const marks = eventMarks(user.sqlite, room.roomId);
  const read = marks.find((mark) => mark.eventId === eventId);
  if (!read) return;
  const before = JSON.stringify(room.unread);
  room.unread = readUpTo(room.unread, read.roomPosition, threadId, marks);
  if (JSON.stringify(room.unread) !== before) room.countsAt = user.stream.next();
}
