import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import { asMessageId, type RemoteMessageId } from '../../remote-ids.ts';

/**
 * What became of one post of a Matrix event. Before there is a row it is queued, in the lane. `sending` is
 * written before the network is called: found after a crash it means the same as `unknown`.
 */
export type Post = { attempts: number; sinceMs: number } & (
  | { state: 'queued' | 'sending' | 'unknown' }
  | { state: 'sent'; messageId: RemoteMessageId }
  | { state: 'failed'; reason: string }
);

type Row = {
  state: string;
  remote_id: string | null;
  attempts: number;
  since_ms: number;
  reason: string | null;
} & SqlRow;

const columns = 'state, remote_id, attempts, since_ms, reason';

/** Posts by Matrix event id and number of the part. */
export class Outbox {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(eventId: string, part: number): Post | undefined {
    const row = this.#sqlite.get<Row>(
      `SELECT ${columns} FROM outbox WHERE event_id = ? AND part = ?`,
      eventId,
      part,
    );
    return row && post(row);
  }

  /** About to call the network. */
  begin(eventId: string, part: number, mark: string, nowMs: number): void {
    this.#sqlite.run(
      `INSERT INTO outbox (event_id, part, mark, state, attempts, since_ms) VALUES (?, ?, ?, 'sending', 1, ?)
       ON CONFLICT (event_id, part) DO UPDATE
       SET state = 'sending', attempts = attempts + 1, since_ms = excluded.since_ms`,
      eventId,
      part,
      mark,
      nowMs,
    );
  }

  /** What the call said; nothing if its echo has settled it. */
  setState(eventId: string, part: number, state: 'queued' | 'unknown'): void {
    this.#sqlite.run(
      `UPDATE outbox SET state = ? WHERE event_id = ? AND part = ? AND state = 'sending'`,
      state,
      eventId,
      part,
    );
  }

  setSent(eventId: string, part: number, messageId: RemoteMessageId): void {
    this.#sqlite.run(
      `UPDATE outbox SET state = 'sent', remote_id = ? WHERE event_id = ? AND part = ?`,
      messageId,
      eventId,
      part,
    );
  }

  /** Likewise. */
  setFailed(eventId: string, part: number, reason: string): void {
    this.#sqlite.run(
      `UPDATE outbox SET state = 'failed', reason = ? WHERE event_id = ? AND part = ? AND state <> 'sent'`,
      reason,
      eventId,
      part,
    );
  }

  /** A post that carries our mark has come back: whatever the call said or will say, it was accepted. */
  settle(mark: string, messageId: RemoteMessageId): boolean {
    return (
      this.#sqlite.run(
        `UPDATE outbox SET state = 'sent', remote_id = ? WHERE mark = ? AND state IN ('sending', 'unknown')`,
        messageId,
        mark,
      ) > 0
    );
  }

  /** Whether the mark is ours, in whatever state. */
  knows(mark: string): boolean {
    return this.#sqlite.get('SELECT 1 AS known FROM outbox WHERE mark = ?', mark) !== undefined;
  }
}

function post(row: Row): Post {
  const common = { attempts: row.attempts, sinceMs: row.since_ms };
  switch (row.state) {
    case 'sent':
      return { ...common, state: 'sent', messageId: asMessageId(row.remote_id ?? '') };
    case 'failed':
      return { ...common, state: 'failed', reason: row.reason ?? '' };
    default:
      return { ...common, state: row.state as 'queued' | 'sending' | 'unknown' };
  }
}
