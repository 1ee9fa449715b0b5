import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `stream`, and the highest stream position that any table shows. */

export function readStream(sqlite: Sqlite): { tag: string; floor: number; listedRooms: number } {
  const row = sqlite.get<{ tag: string; floor: number; listed_rooms: number }>('SELECT * FROM stream');
  if (!row) throw new Error('the table stream has no row');
  return { tag: row.tag, floor: row.floor, listedRooms: row.listed_rooms };
}

export function writeFloor(sqlite: Sqlite, floor: number): void {
  sqlite.run('UPDATE stream SET floor = ?', floor);
}

export function addListedRooms(sqlite: Sqlite, difference: number): void {
  sqlite.run('UPDATE stream SET listed_rooms = listed_rooms + ?', difference);
}

/** Reads a handful of index ends, however many rows there are. */
export function highestPosition(sqlite: Sqlite): number {
  const row = sqlite.get<{ position: number }>(
    `SELECT max(
      (SELECT floor FROM stream),
      coalesce((SELECT max(event_at) FROM rooms WHERE listed = 0), 0),
      coalesce((SELECT max(event_at) FROM rooms WHERE listed = 1), 0),
      coalesce((SELECT max(change_at) FROM rooms), 0),
      coalesce((SELECT max(position) FROM receipts), 0),
      coalesce((SELECT max(position) FROM account_data), 0),
      coalesce((SELECT max(position) FROM device_lists), 0),
      coalesce((SELECT max(position) FROM presence), 0),
      coalesce((SELECT max(position) FROM thread_subscriptions), 0),
      coalesce((SELECT max((SELECT max(position) FROM to_device WHERE to_device.device_id = devices.device_id))
        FROM devices), 0)
    ) AS position`,
  );
  return row?.position ?? 0;
}
