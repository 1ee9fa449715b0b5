import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface DeliveryState {
  /** Newest transaction that the service has acknowledged; their numbers are never used again. */
  acknowledgedTxn: number;
  acknowledgedMs: number | undefined;
  formedTxn: number;
  formedMs: number;
  /** Attempts that failed since the last success. */
  failures: number;
  lastError: string | undefined;
  /** Not before this (epoch ms). */
  nextAttemptMs: number;
}

interface Row {
  [column: string]: string | number | null;
  acknowledged_txn: number;
  acknowledged_ms: number | null;
  formed_txn: number;
  formed_ms: number;
  failures: number;
  last_error: string | null;
  next_attempt_ms: number;
}

export function readDelivery(sqlite: Sqlite): DeliveryState {
  const row = sqlite.get<Row>('SELECT * FROM delivery WHERE id = 1');
  if (!row) throw new Error('the delivery row is missing');
  return {
    acknowledgedTxn: row.acknowledged_txn,
    acknowledgedMs: row.acknowledged_ms ?? undefined,
    formedTxn: row.formed_txn,
    formedMs: row.formed_ms,
    failures: row.failures,
    lastError: row.last_error ?? undefined,
    nextAttemptMs: row.next_attempt_ms,
  };
}

export function recordFormed(sqlite: Sqlite, txn: number, nowMs: number): void {
  sqlite.run('UPDATE delivery SET formed_txn = ?, formed_ms = ?', txn, nowMs);
}

export function recordSuccess(sqlite: Sqlite, txn: number, nowMs: number): void {
  sqlite.run(
    `UPDATE delivery SET acknowledged_txn = ?, acknowledged_ms = ?,
       failures = 0, last_error = NULL, next_attempt_ms = 0`,
    txn,
    nowMs,
  );
}

export function recordFailure(sqlite: Sqlite, failures: number, error: string, nextAttemptMs: number): void {
  sqlite.run(
    'UPDATE delivery SET failures = ?, last_error = ?, next_attempt_ms = ?',
    failures,
    error,
    nextAttemptMs,
  );
}

export function clearBackoff(sqlite: Sqlite): void {
  sqlite.run('UPDATE delivery SET next_attempt_ms = 0 WHERE next_attempt_ms > 0');
}
