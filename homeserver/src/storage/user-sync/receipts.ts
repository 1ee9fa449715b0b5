import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `receipts`; `threadId` is '' for an unthreaded receipt. */

export type ReceiptRow = {
  roomId: string;
  userId: string;
  type: string;
  threadId: string;
  eventId: string;
  /** Epoch ms. */
  ts: number;
  position: number;
};

const columns =
  'room_id AS roomId, user_id AS userId, type, thread_id AS threadId, event_id AS eventId, ts, position';

/** @returns the event of this receipt so far */
export function receiptEvent(
  sqlite: Sqlite,
  receipt: Pick<ReceiptRow, 'roomId' | 'userId' | 'type' | 'threadId'>,
): { eventId: string; ts: number } | undefined {
  return sqlite.get<{ eventId: string; ts: number }>(
    `SELECT event_id AS eventId, ts FROM receipts
     WHERE room_id = ? AND user_id = ? AND type = ? AND thread_id = ?`,
    receipt.roomId,
    receipt.userId,
    receipt.type,
    receipt.threadId,
  );
}

export function putReceipt(sqlite: Sqlite, row: ReceiptRow): void {
  sqlite.run(
    `INSERT INTO receipts (room_id, user_id, type, thread_id, event_id, ts, position) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (room_id, user_id, type, thread_id)
     DO UPDATE SET event_id = excluded.event_id, ts = excluded.ts, position = excluded.position`,
    row.roomId,
    row.userId,
    row.type,
    row.threadId,
    row.eventId,
    row.ts,
    row.position,
  );
}

export function receiptsSince(sqlite: Sqlite, since: number): ReceiptRow[] {
  return sqlite.all<ReceiptRow>(
    `SELECT ${columns} FROM receipts WHERE position > ? ORDER BY position`,
    since,
  );
}

/** @param limit a large room has a receipt per member: nobody needs them all */
export function receiptsOf(sqlite: Sqlite, roomId: string, limit: number): ReceiptRow[] {
  return sqlite.all<ReceiptRow>(`SELECT ${columns} FROM receipts WHERE room_id = ? LIMIT ?`, roomId, limit);
}

export function receiptsOfUser(sqlite: Sqlite, roomId: string, userId: string): ReceiptRow[] {
  return sqlite.all<ReceiptRow>(
    `SELECT ${columns} FROM receipts WHERE room_id = ? AND user_id = ?`,
    roomId,
    userId,
  );
}

/** At most 64 events. */
export function receiptsOfEvents(sqlite: Sqlite, roomId: string, eventIds: readonly string[]): ReceiptRow[] {
  if (eventIds.length === 0) return [];
  return sqlite.all<ReceiptRow>(
    `SELECT ${columns} FROM receipts INDEXED BY receipts_by_event
     WHERE room_id = ? AND event_id IN (${eventIds.map(() => '?').join(', ')})`,
    roomId,
    ...eventIds,
  );
}

export function deleteReceipts(sqlite: Sqlite, roomId: string): void {
  sqlite.run('DELETE FROM receipts WHERE room_id = ?', roomId);
}
