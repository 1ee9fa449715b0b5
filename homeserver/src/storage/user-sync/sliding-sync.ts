import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Tables `sliding_connections` and `sliding_rooms`; `objects/user-sync/sliding-sync/connections.ts` explains them. */

export type ConnectionRow = {
  connection: number;
  deviceId: string;
  connId: string;
  baseSeq: number;
  seq: number;
  state: string;
  previousSeq: number | null;
  previousState: string | null;
  lastSeq: number;
};

const connectionColumns = `connection, device_id AS deviceId, conn_id AS connId, base_seq AS baseSeq, seq, state,
  previous_seq AS previousSeq, previous_state AS previousState, last_seq AS lastSeq`;

export function findConnection(sqlite: Sqlite, deviceId: string, connId: string): ConnectionRow | undefined {
  return sqlite.get<ConnectionRow>(
    `SELECT ${connectionColumns} FROM sliding_connections WHERE device_id = ? AND conn_id = ?`,
    deviceId,
    connId,
  );
}

export function insertConnection(sqlite: Sqlite, deviceId: string, connId: string, nowMs: number): void {
  sqlite.run(
    `INSERT INTO sliding_connections (device_id, conn_id, base_seq, seq, state, last_seq, used_ms)
     VALUES (?, ?, 1, 1, '{}', 1, ?)`,
    deviceId,
    connId,
    nowMs,
  );
}

export function updateConnection(sqlite: Sqlite, row: ConnectionRow, nowMs: number): void {
  sqlite.run(
    `UPDATE sliding_connections SET base_seq = ?, seq = ?, state = ?, previous_seq = ?, previous_state = ?,
       last_seq = ?, used_ms = ? WHERE connection = ?`,
    row.baseSeq,
    row.seq,
    row.state,
    row.previousSeq,
    row.previousState,
    row.lastSeq,
    nowMs,
    row.connection,
  );
}

export function deleteConnectionsOf(sqlite: Sqlite, deviceId: string): void {
  sqlite.run(
    `DELETE FROM sliding_rooms WHERE connection IN
       (SELECT connection FROM sliding_connections WHERE device_id = ?)`,
    deviceId,
  );
  sqlite.run('DELETE FROM sliding_connections WHERE device_id = ?', deviceId);
}

/** Forgets connections that nobody has used since `beforeMs`. Reads the few connections there are. */
export function deleteConnectionsBefore(sqlite: Sqlite, beforeMs: number): void {
  const old = sqlite.all<{ connection: number }>(
    'SELECT connection FROM sliding_connections WHERE used_ms < ?',
    beforeMs,
  );
  for (const { connection } of old) {
    sqlite.run('DELETE FROM sliding_rooms WHERE connection = ?', connection);
    sqlite.run('DELETE FROM sliding_connections WHERE connection = ?', connection);
  }
}

export type SentRoomRow = {
  roomId: string;
  seq: number;
  state: string;
  previousSeq: number | null;
  previousState: string | null;
};

export function findSentRoom(sqlite: Sqlite, connection: number, roomId: string): SentRoomRow | undefined {
  return sqlite.get<SentRoomRow>(
    `SELECT room_id AS roomId, seq, state, previous_seq AS previousSeq, previous_state AS previousState
     FROM sliding_rooms WHERE connection = ? AND room_id = ?`,
    connection,
    roomId,
  );
}

export function putSentRoom(sqlite: Sqlite, connection: number, row: SentRoomRow): void {
  sqlite.run(
    `INSERT INTO sliding_rooms (connection, room_id, seq, state, previous_seq, previous_state)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (connection, room_id) DO UPDATE SET seq = excluded.seq, state = excluded.state,
       previous_seq = excluded.previous_seq, previous_state = excluded.previous_state`,
    connection,
    row.roomId,
    row.seq,
    row.state,
    row.previousSeq,
    row.previousState,
  );
}

/** Undoes what answers behind `seq` recorded. */
export function rollBackSentRooms(sqlite: Sqlite, connection: number, seq: number): void {
  sqlite.run(
    'DELETE FROM sliding_rooms WHERE connection = ? AND seq > ? AND previous_seq IS NULL',
    connection,
    seq,
  );
  sqlite.run(
    `UPDATE sliding_rooms SET seq = previous_seq, state = previous_state, previous_seq = NULL,
       previous_state = NULL WHERE connection = ? AND seq > ?`,
    connection,
    seq,
  );
}
