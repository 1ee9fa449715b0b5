import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface DeliveryState {
  /** Attempts that failed since the last success. */
  failures: number;
  /** Epoch ms. */
  failingSinceMs: number | undefined;
  lastError: string | undefined;
  /** Not before this (epoch ms). */
  nextAttemptMs: number;
}

type DeliveryRow = {
  failures: number;
  failing_since_ms: number | null;
  last_error: string | null;
  next_attempt_ms: number;
};

export function readDelivery(sqlite: Sqlite): DeliveryState {
  const row = sqlite.get<DeliveryRow>('SELECT * FROM delivery WHERE id = 1');
  if (!row) throw new Error('the delivery row is missing');
  return {
    failures: row.failures,
    failingSinceMs: row.failing_since_ms ?? undefined,
    lastError: row.last_error ?? undefined,
    nextAttemptMs: row.next_attempt_ms,
  };
}

/** Writes nothing in the ordinary case, a success after a success. */
export function recordSuccess(sqlite: Sqlite): void {
  sqlite.run(
    `UPDATE delivery SET failures = 0, failing_since_ms = NULL, last_error = NULL, next_attempt_ms = 0
     WHERE failures > 0`,
  );
}

export function recordFailure(sqlite: Sqlite, error: string, nowMs: number, nextAttemptMs: number): void {
  sqlite.run(
    `UPDATE delivery SET failures = failures + 1, failing_since_ms = COALESCE(failing_since_ms, ?),
       last_error = ?, next_attempt_ms = ?`,
    nowMs,
    error,
    nextAttemptMs,
  );
}

export function clearPause(sqlite: Sqlite): void {
  sqlite.run('UPDATE delivery SET next_attempt_ms = 0 WHERE next_attempt_ms > 0');
}
