import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { AcceptedEvent } from '../slack-team-rpc.ts';

export interface InboxItem {
  position: number;
  eventId: string;
  /** `''` for an event of no chat. */
  chatId: string;
  payload: string;
  attempts: number;
}

/** Slack repeats a delivery for up to 24 h ("Delayed Events"). */
const keepMs = 2 * 86_400_000;
const purgeLimit = 1_000;

/** Events of Slack, each once, in order of arrival. */
export class Inbox {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** @returns whether it was not known yet */
  add({ eventId, payload }: AcceptedEvent, chatId: string, nowMs: number): boolean {
    return (
      this.#sqlite.run(
        `INSERT OR IGNORE INTO inbox (event_id, chat_id, payload, state, received_ms)
         VALUES (?, ?, ?, 'queued', ?)`,
        eventId,
        chatId,
        payload,
        nowMs,
      ) > 0
    );
  }

  /** Those whose turn it is: none of a chat in which one is postponed. */
  due(nowMs: number, limit: number): InboxItem[] {
    return this.#sqlite
      .all<{ position: number; event_id: string; chat_id: string; payload: string; attempts: number }>(
        `SELECT position, event_id, chat_id, payload, attempts FROM inbox
         WHERE state = 'queued' AND chat_id NOT IN
           (SELECT chat_id FROM inbox WHERE state = 'queued' AND due_ms > 0 AND due_ms > ?)
         ORDER BY position LIMIT ?`,
        nowMs,
        limit,
      )
      .map((row) => ({ ...row, eventId: row.event_id, chatId: row.chat_id }));
  }

  /** When the first of the postponed is due (epoch ms). */
  nextDueMs(): number | undefined {
    const row = this.#sqlite.get<{ due_ms: number | null }>(
      `SELECT MIN(due_ms) AS due_ms FROM inbox WHERE state = 'queued' AND due_ms > 0`,
    );
    return row?.due_ms ?? undefined;
  }

  finish(position: number): void {
    this.#sqlite.run(`UPDATE inbox SET state = 'done', payload = '' WHERE position = ?`, position);
  }

  postpone(position: number, dueMs: number, reason: string): void {
    this.#sqlite.run(
      'UPDATE inbox SET attempts = attempts + 1, due_ms = ?, reason = ? WHERE position = ?',
      dueMs,
      reason,
      position,
    );
  }

  bury(position: number, reason: string): void {
    this.#sqlite.run(`UPDATE inbox SET state = 'dead', reason = ? WHERE position = ?`, reason, position);
  }

  /** Forgets old events, some at a time. @returns whether there may be more */
  purge(nowMs: number): boolean {
    const gone = this.#sqlite.all(
      `DELETE FROM inbox WHERE position IN
         (SELECT position FROM inbox WHERE state <> 'queued' ORDER BY position LIMIT ${purgeLimit})
       AND received_ms < ? RETURNING position`,
      nowMs - keepMs,
    );
    return gone.length === purgeLimit;
  }

  clear(): void {
    this.#sqlite.run('DELETE FROM inbox');
  }
}
