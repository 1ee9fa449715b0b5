import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface ToldRoom {
  /** Up to here its events are queued. */
  position: number;
  /** Events were left out. */
  isBehind: boolean;
}

/** @returns position 0 for a room of which nothing was queued yet */
export function readRoom(sqlite: Sqlite, roomId: string): ToldRoom {
  const row = sqlite.get<{ position: number; behind: number | null }>(
    'SELECT position, behind FROM rooms WHERE room_id = ?',
    roomId,
  );
  return { position: row?.position ?? 0, isBehind: row?.behind != null };
}

export function writeRoom(sqlite: Sqlite, roomId: string, { position, isBehind }: ToldRoom): void {
  sqlite.run(
    `INSERT INTO rooms (room_id, position, behind) VALUES (?, ?, ?)
     ON CONFLICT (room_id) DO UPDATE SET position = excluded.position, behind = excluded.behind`,
    roomId,
    position,
    isBehind ? 1 : null,
  );
}

/** One of which nothing was told yet. */
export function addRoom(sqlite: Sqlite, roomId: string): void {
  sqlite.run('INSERT OR IGNORE INTO rooms (room_id, position) VALUES (?, 0)', roomId);
}

export function toldRooms(sqlite: Sqlite): RoomId[] {
  return sqlite.all<{ room_id: string }>('SELECT room_id FROM rooms').map((row) => row.room_id as RoomId);
}

/** Up to `limit` rooms of which events were left out. */
export function roomsBehind(sqlite: Sqlite, limit: number): RoomId[] {
  return sqlite
    .all<{ room_id: string }>('SELECT room_id FROM rooms WHERE behind IS NOT NULL LIMIT ?', limit)
    .map((row) => row.room_id as RoomId);
}

export function countBehind(sqlite: Sqlite): number {
  const row = sqlite.get<{ rooms: number }>('SELECT COUNT(*) AS rooms FROM rooms WHERE behind IS NOT NULL');
  return row?.rooms ?? 0;
}

/** Leaves out the events of all transactions behind `txn`; their rooms are behind from now on. */
export function dropEventsAfter(sqlite: Sqlite, txn: number): void {
  sqlite.run(
    `UPDATE rooms SET behind = 1 WHERE room_id IN
       (SELECT DISTINCT room_id FROM queue WHERE txn > ? AND room_id IS NOT NULL)`,
    txn,
  );
  sqlite.run('DELETE FROM queue WHERE txn > ? AND room_id IS NOT NULL', txn);
}
