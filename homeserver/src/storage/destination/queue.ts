import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface QueueEntry {
  /** Of a PDU; absent: an EDU. */
  roomId?: string | undefined;
  key?: string | undefined;
  /** JSON text. */
  body: string;
}

type EntryRow = { room_id: string | null; key: string | null; body: string };

export function insertEntry(sqlite: Sqlite, txn: number, seq: number, entry: QueueEntry): void {
  sqlite.run(
    'INSERT INTO queue (txn, seq, room_id, key, body) VALUES (?, ?, ?, ?, ?)',
    txn,
    seq,
    entry.roomId ?? null,
    entry.key ?? null,
    entry.body,
  );
}

/** @returns whether there was an entry with this key in the transaction */
export function replaceEntry(sqlite: Sqlite, txn: number, key: string, body: string): boolean {
  return sqlite.run('UPDATE queue SET body = ? WHERE txn = ? AND key = ?', body, txn, key) > 0;
}

export function oldestTxn(sqlite: Sqlite): number | undefined {
  return sqlite.get<{ txn: number | null }>('SELECT MIN(txn) AS txn FROM queue')?.txn ?? undefined;
}

export function newestTxn(sqlite: Sqlite): number | undefined {
  return sqlite.get<{ txn: number | null }>('SELECT MAX(txn) AS txn FROM queue')?.txn ?? undefined;
}

export function readTxn(sqlite: Sqlite, txn: number): QueueEntry[] {
  return sqlite
    .all<EntryRow>('SELECT room_id, key, body FROM queue WHERE txn = ? ORDER BY seq', txn)
    .map((row) => ({ roomId: row.room_id ?? undefined, key: row.key ?? undefined, body: row.body }));
}

export function deleteTxn(sqlite: Sqlite, txn: number): void {
  sqlite.run('DELETE FROM queue WHERE txn = ?', txn);
}

export function countEntries(sqlite: Sqlite): number {
  return sqlite.get<{ entries: number }>('SELECT COUNT(*) AS entries FROM queue')?.entries ?? 0;
}
