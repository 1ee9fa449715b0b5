import type { Sqlite } from '../../../../platform/sqlite.ts';

/** @returns 0 for a room of which nothing was queued yet */
export function readPosition(sqlite: Sqlite, roomId: string): number {
  const row = sqlite.get<{ position: number }>(
    'SELECT position FROM followed_rooms WHERE room_id = ?',
    roomId,
  );
  return row?.position ?? 0;
}

export function followsAnyOf(sqlite: Sqlite, roomIds: readonly string[]): boolean {
  const followed = sqlite.all<{ room_id: string }>('SELECT room_id FROM followed_rooms');
  const wanted = new Set(roomIds);
  return followed.some((row) => wanted.has(row.room_id));
}

export function writePosition(sqlite: Sqlite, roomId: string, position: number): void {
  sqlite.run(
    `INSERT INTO followed_rooms (room_id, position) VALUES (?, ?)
     ON CONFLICT (room_id) DO UPDATE SET position = excluded.position`,
    roomId,
    position,
  );
}
