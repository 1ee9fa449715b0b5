import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface Conversation {
  channelId: string;
  /** Timestamp of the newest message that the sweep has seen. */
  watermark: string;
  sweptMs: number;
}

/** The conversations of a login, and the listing of them that is under way. */
export class Conversations {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** @param watermark from where the sweep is to begin, if the conversation is new */
  add(channelId: string, watermark: string, nowMs: number): void {
    this.#sqlite.run(
      'INSERT OR IGNORE INTO conversations (channel_id, watermark, swept_ms) VALUES (?, ?, ?)',
      channelId,
      watermark,
      nowMs,
    );
  }

  remove(channelId: string): void {
    this.#sqlite.run('DELETE FROM conversations WHERE channel_id = ?', channelId);
  }

  /** Those whose turn it is: the ones swept longest ago. */
  longestUnswept(limit: number): Conversation[] {
    return this.#sqlite
      .all<{ channel_id: string; watermark: string; swept_ms: number }>(
        'SELECT channel_id, watermark, swept_ms FROM conversations ORDER BY swept_ms, channel_id LIMIT ?',
        limit,
      )
      .map((row) => ({ channelId: row.channel_id, watermark: row.watermark, sweptMs: row.swept_ms }));
  }

  setSwept(channelId: string, watermark: string, nowMs: number): void {
    this.#sqlite.run(
      'UPDATE conversations SET watermark = ?, swept_ms = ? WHERE channel_id = ?',
      watermark,
      nowMs,
      channelId,
    );
  }

  /** Cursor of the next page to list; `''` for the first. Nothing: no listing is under way. */
  listing(): { cursor: string; version: string } | undefined {
    return this.#sqlite.get<{ cursor: string; version: string }>(
      'SELECT cursor, version FROM listing WHERE id = 1',
    );
  }

  setListing(cursor: string, version: string): void {
    this.#sqlite.run(
      `INSERT INTO listing (id, cursor, version) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor, version = excluded.version`,
      cursor,
      version,
    );
  }

  endListing(): void {
    this.#sqlite.run('DELETE FROM listing');
  }

  clear(): void {
    this.#sqlite.run('DELETE FROM conversations');
    this.#sqlite.run('DELETE FROM listing');
  }
}
