import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Tables `device_lists` and `encrypted_members`: whose devices the user's clients have to know. */

export function putDeviceList(sqlite: Sqlite, userId: string, position: number, gone: boolean): void {
  sqlite.run(
    `INSERT INTO device_lists (user_id, position, gone) VALUES (?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET position = excluded.position, gone = excluded.gone`,
    userId,
    position,
    gone ? 1 : 0,
  );
}

/** Changes with `since` < position ≤ `to`. */
export function deviceListsBetween(
  sqlite: Sqlite,
  since: number,
  to: number,
): { userId: UserId; gone: number }[] {
  return sqlite.all<{ userId: UserId; gone: number }>(
    'SELECT user_id AS userId, gone FROM device_lists WHERE position > ? AND position <= ? ORDER BY position',
    since,
    to,
  );
}

export function addEncryptedMember(sqlite: Sqlite, userId: string, roomId: string, nowMs: number): void {
  sqlite.run(
    'INSERT OR IGNORE INTO encrypted_members (user_id, room_id, since_ms) VALUES (?, ?, ?)',
    userId,
    roomId,
    nowMs,
  );
}

/** Since when an encrypted room has been shared without a break (epoch ms). */
export function sharesEncryptedRoomSince(sqlite: Sqlite, userId: string): number | undefined {
  return (
    sqlite.get<{ since_ms: number | null }>(
      'SELECT MIN(since_ms) AS since_ms FROM encrypted_members WHERE user_id = ?',
      userId,
    )?.since_ms ?? undefined
  );
}

/** @returns whether there was such a pair */
export function removeEncryptedMember(sqlite: Sqlite, userId: string, roomId: string): boolean {
  return sqlite.run('DELETE FROM encrypted_members WHERE user_id = ? AND room_id = ?', userId, roomId) > 0;
}

export function encryptedMembersOf(sqlite: Sqlite, roomId: string): UserId[] {
  return sqlite
    .all<{ user_id: string }>('SELECT user_id FROM encrypted_members WHERE room_id = ?', roomId)
    .map((row) => row.user_id as UserId);
}

export function sharesEncryptedRoom(sqlite: Sqlite, userId: string): boolean {
  return sqlite.get('SELECT 1 AS one FROM encrypted_members WHERE user_id = ? LIMIT 1', userId) !== undefined;
}
