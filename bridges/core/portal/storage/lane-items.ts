import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';

/** One thing to be carried over, in either direction. */
export interface LaneItem {
  position: number;
  key: string;
  direction: 'remote' | 'matrix';
  /** Through which login a remote event came; `undefined` for Matrix events. */
  loginId: string | undefined;
  payload: string;
  attempts: number;
  dueMs: number;
  queuedMs: number;
}

export interface NewLaneItem {
  key: string;
  direction: 'remote' | 'matrix';
  loginId: string | undefined;
  payload: string;
}

export interface DeadItem {
  key: string;
  reason: string;
  queuedMs: number;
}

/** Longer than any network repeats a delivery (the longest known is 25 h). */
const keepDoneMs = 3 * 86_400_000;
const keepDeadMs = 30 * 86_400_000;
const purgeLimit = 500;

type Row = {
  position: number;
  key: string;
  direction: 'remote' | 'matrix';
  login_id: string | null;
  payload: string;
  attempts: number;
  due_ms: number;
  queued_ms: number;
} & SqlRow;

const columns = 'position, key, direction, login_id, payload, attempts, due_ms, queued_ms';

/**
 * The lane of a portal: `queued` items are worked off by position, `parked` ones wait for what they refer to,
 * `dead` ones were given up, `done` ones are remembered so that a repeated delivery is ignored.
 */
export class LaneItems {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Queues what is not known yet. @returns how many that were */
  add(items: readonly NewLaneItem[], nowMs: number): number {
    let added = 0;
    for (const { key, direction, loginId, payload } of items) {
      const written = this.#sqlite.run(
        `INSERT OR IGNORE INTO lane (key, direction, login_id, payload, state, due_ms, queued_ms)
         VALUES (?, ?, ?, ?, 'queued', 0, ?)`,
        key,
        direction,
        loginId ?? null,
        payload,
        nowMs,
      );
      if (written > 0) added += 1;
    }
    return added;
  }

  head(): LaneItem | undefined {
    const row = this.#sqlite.get<Row>(
      `SELECT ${columns} FROM lane WHERE state = 'queued' ORDER BY position LIMIT 1`,
    );
    return row && item(row);
  }

  isQueued(key: string): boolean {
    return (
      this.#sqlite.get(`SELECT 1 AS queued FROM lane WHERE key = ? AND state = 'queued'`, key) !== undefined
    );
  }

  finish(position: number, reason?: string): void {
    this.#sqlite.run(
      `UPDATE lane SET state = 'done', payload = '', waits_for = NULL, reason = ? WHERE position = ?`,
      reason ?? null,
      position,
    );
  }

  retry(position: number, dueMs: number, reason: string): void {
    this.#sqlite.run(
      'UPDATE lane SET attempts = attempts + 1, due_ms = ?, reason = ? WHERE position = ?',
      dueMs,
      reason,
      position,
    );
  }

  bury(position: number, reason: string): void {
    this.#sqlite.run(`UPDATE lane SET state = 'dead', reason = ? WHERE position = ?`, reason, position);
  }

  /** Sets an item aside until `release(waitsFor)`, at the latest until `untilMs`. */
  park(position: number, waitsFor: string, untilMs: number): void {
    this.#sqlite.run(
      `UPDATE lane SET state = 'parked', waits_for = ?, due_ms = ? WHERE position = ?`,
      waitsFor,
      untilMs,
      position,
    );
  }

  /** What was waited for is there: its followers are next, in their old order. */
  release(waitsFor: string): void {
    this.#sqlite.run(
      `UPDATE lane SET state = 'queued', due_ms = 0 WHERE state = 'parked' AND waits_for = ?`,
      waitsFor,
    );
  }

  /** Those that have waited long enough. */
  expired(nowMs: number): LaneItem[] {
    return this.#sqlite
      .all<Row>(`SELECT ${columns} FROM lane WHERE state = 'parked' AND due_ms <= ? ORDER BY position`, nowMs)
      .map(item);
  }

  /** When the first of the parked has waited long enough (epoch ms). */
  nextExpiryMs(): number | undefined {
    const row = this.#sqlite.get<{ due_ms: number | null }>(
      `SELECT MIN(due_ms) AS due_ms FROM lane WHERE state = 'parked'`,
    );
    return row?.due_ms ?? undefined;
  }

  count(state: 'queued' | 'parked'): number {
    const sql =
      state === 'queued'
        ? `SELECT COUNT(*) AS n FROM lane WHERE state = 'queued'`
        : `SELECT COUNT(*) AS n FROM lane WHERE state = 'parked'`;
    return this.#sqlite.get<{ n: number }>(sql)?.n ?? 0;
  }

  dead(limit: number): DeadItem[] {
    return this.#sqlite
      .all<{ key: string; reason: string; queued_ms: number }>(
        `SELECT key, reason, queued_ms FROM lane WHERE state = 'dead' ORDER BY position DESC LIMIT ?`,
        limit,
      )
      .map((row) => ({ key: row.key, reason: row.reason, queuedMs: row.queued_ms }));
  }

  /** Forgets old items, some at a time. @returns whether there may be more */
  purge(nowMs: number): boolean {
    return [this.#purge('done', nowMs - keepDoneMs), this.#purge('dead', nowMs - keepDeadMs)].includes(
      purgeLimit,
    );
  }

  /** Looks at the oldest only, so that a lane in which nothing is old is not read through. */
  #purge(state: 'done' | 'dead', beforeMs: number): number {
    return this.#sqlite.all(
      `DELETE FROM lane WHERE position IN
         (SELECT position FROM lane WHERE state = '${state}' ORDER BY position LIMIT ${purgeLimit})
       AND queued_ms < ? RETURNING position`,
      beforeMs,
    ).length;
  }
}

function item(row: Row): LaneItem {
  return {
    position: row.position,
    key: row.key,
    direction: row.direction,
    loginId: row.login_id ?? undefined,
    payload: row.payload,
    attempts: row.attempts,
    dueMs: row.due_ms,
    queuedMs: row.queued_ms,
  };
}
