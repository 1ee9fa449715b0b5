import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `pushes`: notifications that were decided upon and not yet delivered. */

export type PushRow = {
  pusher: number;
  /** Of the user's stream. */
  position: number;
  roomId: string;
  /** 0: an invitation. */
  roomPosition: number;
  threadId: string | null;
  eventId: string;
  /** JSON. */
  tweaks: string;
  /** 1: with sound, or what the server cannot judge. */
  high: number;
  createdMs: number;
};

const columns = `pusher, position, room_id AS roomId, room_position AS roomPosition, thread_id AS threadId,
  event_id AS eventId, tweaks, high, created_ms AS createdMs`;

export function insertPush(sqlite: Sqlite, row: PushRow): void {
  sqlite.run(
    `INSERT OR REPLACE INTO pushes
       (pusher, position, room_id, room_position, thread_id, event_id, tweaks, high, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.pusher,
    row.position,
    row.roomId,
    row.roomPosition,
    row.threadId,
    row.eventId,
    row.tweaks,
    row.high,
    row.createdMs,
  );
}

/** Oldest first. */
export function pushesOf(sqlite: Sqlite, pusher: number): PushRow[] {
  return sqlite.all<PushRow>(`SELECT ${columns} FROM pushes WHERE pusher = ? ORDER BY position`, pusher);
}

export function deletePush(sqlite: Sqlite, pusher: number, position: number): void {
  sqlite.run('DELETE FROM pushes WHERE pusher = ? AND position = ?', pusher, position);
}

export function deletePushesOf(sqlite: Sqlite, pusher: number): void {
  sqlite.run('DELETE FROM pushes WHERE pusher = ?', pusher);
}
