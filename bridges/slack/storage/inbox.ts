import type { Sqlite } from '../../../platform/sqlite.ts';
import type { AcceptedEvent } from '../slack-team-rpc.ts';

export interface InboxItem {
  position: number;
  eventId: string;
  payload: string;
  attempts: number;
}

/** Slack repeats a delivery for up to 24 h ("Delayed Events"). */
const keepMs = 2 * 86_400_000;

/** Events of Slack, each once, in order of arrival. */
export class Inbox {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** @returns whether it was not known yet */
  add({ eventId, payload }: AcceptedEvent, nowMs: number): boolean {
    return (
      this.#sqlite.run(
        `INSERT OR IGNORE INTO inbox (event_id, payload, state, received_ms) VALUES (?, ?, 'queued', ?)`,
        eventId,
        payload,
        nowMs,
      ) > 0
    );
  }

  queued(limit: number): InboxItem[] {
    return this.#sqlite
      .all<{ position: number; event_id: string; payload: string; attempts: number }>(
        `SELECT position, event_id, payload, attempts FROM inbox WHERE state = 'queued' ORDER BY position LIMIT ?`,
        limit,
      )
      .map((row) => ({ ...row, eventId: row.event_id }));
  }

  finish(position: number): void {
    this.#sqlite.run(`UPDATE inbox SET state = 'done', payload = '' WHERE position = ?`, position);
  }

  fail(position: number, reason: string): void {
    this.#sqlite.run(
      'UPDATE inbox SET attempts = attempts + 1, reason = ? WHERE position = ?',
      reason,
      position,
    );
  }

  bury(position: number, reason: string): void {
    this.#sqlite.run(`UPDATE inbox SET state = 'dead', reason = ? WHERE position = ?`, reason, position);
  }

  purge(nowMs: number): void {
    this.#sqlite.run(
      `DELETE FROM inbox WHERE position IN (SELECT position FROM inbox ORDER BY position LIMIT 1000)
       AND state <> 'queued' AND received_ms < ?`,
      nowMs - keepMs,
    );
  }

  clear(): void {
    this.#sqlite.run('DELETE FROM inbox');
  }
}
