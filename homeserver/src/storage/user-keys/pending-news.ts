import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `pending_news`: what others have yet to be told. A revision tells whether it changed while being told. */
export type NewsTopic = 'device_list' | `counts:${string}` | `inbox_closed:${string}`;

export interface PendingNews {
  topic: NewsTopic;
  revision: number;
}

export function addNews(sqlite: Sqlite, topic: NewsTopic): void {
  sqlite.run(
    `INSERT INTO pending_news (topic, revision) VALUES (?, 1)
     ON CONFLICT (topic) DO UPDATE SET revision = revision + 1`,
    topic,
  );
}

export function readNews(sqlite: Sqlite): PendingNews[] {
  return sqlite
    .all<{ topic: string; revision: number }>('SELECT topic, revision FROM pending_news')
    .map((row) => ({ ...row, topic: row.topic as NewsTopic }));
}

/** Once told; keeps it if there is newer news of the same topic. */
export function forgetNews(sqlite: Sqlite, { topic, revision }: PendingNews): void {
  sqlite.run('DELETE FROM pending_news WHERE topic = ? AND revision = ?', topic, revision);
}
