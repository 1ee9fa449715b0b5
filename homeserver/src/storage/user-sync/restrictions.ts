import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `restrictions`: what an administrator took from the user. Of most users it is empty. */

export function listRestrictions(sqlite: Sqlite): string[] {
  return sqlite.all<{ kind: string }>('SELECT kind FROM restrictions').map(({ kind }) => kind);
}

export function putRestriction(sqlite: Sqlite, kind: string): void {
  sqlite.run('INSERT OR IGNORE INTO restrictions (kind) VALUES (?)', kind);
}

export function deleteRestriction(sqlite: Sqlite, kind: string): void {
  sqlite.run('DELETE FROM restrictions WHERE kind = ?', kind);
}
