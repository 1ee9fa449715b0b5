import type { JsonObject } from '../../../../../../matrix/json.ts';
import { receiptEvent } from '../../../../protocol/sync/receipt-event.ts';
import type { RoomExtension } from '../../../../protocol/sync/sliding-request.ts';
import {
  type ReceiptRow,
  receiptsOfEvents,
  receiptsOfUser,
  receiptsSince,
} from '../../../../storage/user-sync/receipts.ts';
import type { UserContext } from '../../user-context.ts';
import { type ExtensionScope, isWhole, roomsOf } from './extension-rooms.ts';

/** One `m.receipt` event a room: of a new room those of the timeline and all one's own, else what changed. */
export function receiptsExtension(
  user: UserContext,
  extension: RoomExtension,
  scope: ExtensionScope,
): { extension: JsonObject; empty: boolean } {
  const changed = scope.isNew
    ? new Map<string, ReceiptRow[]>()
    : Map.groupBy(receiptsSince(user.sqlite, scope.since), (row) => row.roomId);
  const rooms: JsonObject = {};
  for (const room of roomsOf(extension, scope)) {
    const eventIds = scope.answers.get(room.roomId)?.timelineEventIds ?? [];
    const receipts = isWhole(room, scope)
      ? [
          ...receiptsOfEvents(user.sqlite, room.roomId, eventIds),
          ...receiptsOfUser(user.sqlite, room.roomId, user.userId),
        ]
      : (changed.get(room.roomId) ?? []);
    if (receipts.length > 0) rooms[room.roomId] = receiptEvent(receipts);
  }
  return { extension: { rooms }, empty: Object.keys(rooms).length === 0 };
}
