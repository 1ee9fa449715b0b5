import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `companions`: who is in a room with one of the service's users. */

/** @returns whether the user is one newly, over all rooms */
export function addCompanion(sqlite: Sqlite, userId: string, roomId: string): boolean {
  const isNew = !isCompanion(sqlite, userId);
  sqlite.run('INSERT OR IGNORE INTO companions (user_id, room_id) VALUES (?, ?)', userId, roomId);
  return isNew;
}

/** @returns whether this was the last room */
export function removeCompanion(sqlite: Sqlite, userId: string, roomId: string): boolean {
  const was = sqlite.run('DELETE FROM companions WHERE user_id = ? AND room_id = ?', userId, roomId) > 0;
  return was && !isCompanion(sqlite, userId);
}

export function companionsOf(sqlite: Sqlite, roomId: string): string[] {
  return sqlite
    .all<{ user_id: string }>('SELECT user_id FROM companions WHERE room_id = ?', roomId)
    .map((row) => row.user_id);
}

export function isCompanion(sqlite: Sqlite, userId: string): boolean {
  return sqlite.get('SELECT 1 FROM companions WHERE user_id = ? LIMIT 1', userId) !== undefined;
}
