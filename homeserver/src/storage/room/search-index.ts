import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type Range, type StoredEvent } from './events.ts';

/** Table `search_index`: the words of what was said and of names and topics, by position; the texts are in `events`. */
export type SearchKey = 'body' | 'name' | 'topic';

export function indexText(sqlite: Sqlite, position: number, key: SearchKey, text: string): void {
  sqlite.run(`INSERT INTO search_index (rowid, ${key}) VALUES (?, ?)`, position, text);
}

export function deleteIndexed(sqlite: Sqlite, position: number): void {
  sqlite.run('DELETE FROM search_index WHERE rowid = ?', position);
}

/** FTS5 reads a query language; words in quotes are only words. All have to be there. */
function matchQuery(words: readonly string[], keys: readonly SearchKey[]): string {
  return `{${keys.join(' ')}} : (${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ')})`;
}

const orders = { recent: 'search_index.rowid DESC', rank: 'score, search_index.rowid DESC' };

export interface Match {
  event: StoredEvent;
  /** Greater is closer. */
  rank: number;
}

/** @param words at least one */
export function searchMatches(
  sqlite: Sqlite,
  words: readonly string[],
  keys: readonly SearchKey[],
  ranges: readonly Range[],
  orderBy: 'recent' | 'rank',
  limit: number,
): Match[] {
  return sqlite
    .all<EventRow & { score: number }>(
      `SELECT ${eventColumns}, bm25(search_index) AS score
       FROM search_index JOIN events e ON e.position = search_index.rowid
       WHERE search_index MATCH ? AND EXISTS
         (SELECT 1 FROM json_each(?) WHERE e.position > value ->> 'after' AND e.position <= value ->> 'upTo')
       ORDER BY ${orders[orderBy]} LIMIT ?`,
      matchQuery(words, keys),
      JSON.stringify(ranges),
      limit,
    )
    .map((row) => ({ event: fromEventRow(row), rank: -row.score }));
}
