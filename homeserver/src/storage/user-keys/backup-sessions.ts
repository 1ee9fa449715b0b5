import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite, SqlValue } from '../../../../platform/sqlite.ts';
import type { BackedUpSession, BackupScope } from '../../objects/user-keys-rpc.ts';

/** `backup_sessions`: the Megolm sessions of each backup version. */
export interface StoredBackupSession {
  roomId: string;
  sessionId: string;
  session: BackedUpSession;
}

interface Row {
  [column: string]: SqlValue;
  room_id: string;
  session_id: string;
  first_message_index: number;
  forwarded_count: number;
  is_verified: number;
  session_data: string;
}

const columns = 'room_id, session_id, first_message_index, forwarded_count, is_verified, session_data';

export function readBackupSession(
  sqlite: Sqlite,
  version: number,
  roomId: string,
  sessionId: string,
): BackedUpSession | undefined {
  const row = sqlite.get<Row>(
    `SELECT ${columns} FROM backup_sessions WHERE version = ? AND room_id = ? AND session_id = ?`,
    version,
    roomId,
    sessionId,
  );
  return row && fromRow(row).session;
}

/** Sessions behind `after`, ordered by room and session. */
export function listBackupSessions(
  sqlite: Sqlite,
  version: number,
  roomId: string | undefined,
  after: { roomId: string; sessionId: string } | undefined,
  limit: number,
): StoredBackupSession[] {
  const rows = sqlite.all<Row>(
    `SELECT ${columns} FROM backup_sessions
     WHERE version = ? AND (room_id, session_id) > (?, ?) ${roomId === undefined ? '' : 'AND room_id = ?'}
     ORDER BY room_id, session_id LIMIT ?`,
    version,
    after?.roomId ?? '',
    after?.sessionId ?? '',
    ...(roomId === undefined ? [] : [roomId]),
    limit,
  );
  return rows.map(fromRow);
}

export function putBackupSession(
  sqlite: Sqlite,
  version: number,
  { roomId, sessionId, session }: StoredBackupSession,
): void {
  sqlite.run(
    `INSERT INTO backup_sessions (version, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (version, room_id, session_id) DO UPDATE SET
       first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count,
       is_verified = excluded.is_verified, session_data = excluded.session_data`,
    version,
    roomId,
    sessionId,
    session.first_message_index,
    session.forwarded_count,
    session.is_verified ? 1 : 0,
    JSON.stringify(session.session_data),
  );
}

/** @returns how many there were */
export function deleteBackupSessions(
  sqlite: Sqlite,
  version: number,
  { roomId, sessionId }: BackupScope = {},
): number {
  const conditions = ['version = ?'];
  const bindings: SqlValue[] = [version];
  if (roomId !== undefined) {
    conditions.push('room_id = ?');
    bindings.push(roomId);
  }
  if (sessionId !== undefined) {
    conditions.push('session_id = ?');
    bindings.push(sessionId);
  }
  return sqlite.run(`DELETE FROM backup_sessions WHERE ${conditions.join(' AND ')}`, ...bindings);
}

function fromRow(row: Row): StoredBackupSession {
  return {
    roomId: row.room_id,
    sessionId: row.session_id,
    session: {
      first_message_index: row.first_message_index,
      forwarded_count: row.forwarded_count,
      is_verified: row.is_verified === 1,
      session_data: JSON.parse(row.session_data) as JsonObject,
    },
  };
}
