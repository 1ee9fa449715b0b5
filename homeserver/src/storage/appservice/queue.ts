import type { Sqlite } from '../../../../platform/sqlite.ts';

export type QueueKind = 'event' | 'ephemeral' | 'to_device' | 'device_list' | 'key_counts';

export interface QueueEntry {
  kind: QueueKind;
  /** JSON text. */
  body: string;
  /** Epoch ms. */
  queuedMs: number;
  /** Whether something else was still to be delivered when this was queued. */
  waited: boolean;
}

export function insertEntry(sqlite: Sqlite, txn: number, seq: number, entry: QueueEntry): void {
  sqlite.run(
    'INSERT INTO queue (txn, seq, kind, body, queued_ms, waited) VALUES (?, ?, ?, ?, ?, ?)',
    txn,
    seq,
    entry.kind,
    entry.body,
    entry.queuedMs,
    entry.waited ? 1 : 0,
  );
}

export function oldestTxn(sqlite: Sqlite): number | undefined {
  return sqlite.get<{ txn: number | null }>('SELECT MIN(txn) AS txn FROM queue')?.txn ?? undefined;
}

export function newestTxn(sqlite: Sqlite): number | undefined {
  return sqlite.get<{ txn: number | null }>('SELECT MAX(txn) AS txn FROM queue')?.txn ?? undefined;
}

export function readTxn(sqlite: Sqlite, txn: number): QueueEntry[] {
  const rows = sqlite.all<{ kind: string; body: string; queued_ms: number; waited: number }>(
    'SELECT kind, body, queued_ms, waited FROM queue WHERE txn = ? ORDER BY seq',
    txn,
  );
  return rows.map((row) => ({
    kind: row.kind as QueueKind,
    body: row.body,
    queuedMs: row.queued_ms,
    waited: row.waited === 1,
  }));
}

export function deleteTxn(sqlite: Sqlite, txn: number): void {
  sqlite.run('DELETE FROM queue WHERE txn = ?', txn);
}

export function countEntries(sqlite: Sqlite): number {
  return sqlite.get<{ entries: number }>('SELECT COUNT(*) AS entries FROM queue')?.entries ?? 0;
}
