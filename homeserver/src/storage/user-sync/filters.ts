import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `filters`: what clients uploaded for `/sync`, by content hash. */

export function insertFilter(sqlite: Sqlite, filterId: string, filter: string): void {
  sqlite.run('INSERT OR IGNORE INTO filters (filter_id, filter) VALUES (?, ?)', filterId, filter);
}

export function findFilter(sqlite: Sqlite, filterId: string): string | undefined {
  return sqlite.get<{ filter: string }>('SELECT filter FROM filters WHERE filter_id = ?', filterId)?.filter;
}
