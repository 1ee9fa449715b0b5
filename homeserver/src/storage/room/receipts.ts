import type { EventId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

export type ReceiptType = 'm.read' | 'm.read.private';

export interface Receipt {
  userId: UserId;
  type: ReceiptType;
  /** Empty: not of a thread. */
  threadId: string;
  eventId: EventId;
  position: number;
  /** Epoch ms of the receipt. */
  ts: number;
}

type ReceiptRow = {
  user_id: string;
  type: string;
  thread_id: string;
  event_id: string;
  position: number;
  ts: number;
};

function fromReceiptRow(row: ReceiptRow): Receipt {
  return {
    userId: row.user_id as UserId,
    type: row.type as ReceiptType,
    threadId: row.thread_id,
    eventId: row.event_id as EventId,
    position: row.position,
    ts: row.ts,
  };
}

/** Receipts never move backwards. @returns whether anything changed */
export function putReceipt(sqlite: Sqlite, receipt: Receipt): boolean {
  const written = sqlite.run(
    `INSERT INTO receipts (user_id, type, thread_id, event_id, position, ts) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id, type, thread_id) DO UPDATE
     SET event_id = excluded.event_id, position = excluded.position, ts = excluded.ts
     WHERE excluded.position > receipts.position`,
    receipt.userId,
    receipt.type,
    receipt.threadId,
    receipt.eventId,
    receipt.position,
    receipt.ts,
  );
  return written > 0;
}

/** Receipts that `viewer` may see: the public ones and their own private ones; newest first. */
export function receiptsFor(sqlite: Sqlite, viewer: string, sinceMs: number, limit: number): Receipt[] {
  return sqlite
    .all<ReceiptRow>(
      `SELECT user_id, type, thread_id, event_id, position, ts FROM receipts
       WHERE ts >= ? AND (type = 'm.read' OR user_id = ?) ORDER BY ts DESC LIMIT ?`,
      sinceMs,
      viewer,
      limit,
    )
    .map(fromReceiptRow);
}

/** Newest first. */
export function recentPublicReceipts(sqlite: Sqlite, sinceMs: number, limit: number): Receipt[] {
  return receiptsFor(sqlite, '', sinceMs, limit);
}
