import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `account_data`; `roomId` is '' for global account data. */

export type AccountDataRow = {
  roomId: string;
  type: string;
  /** JSON object. */
  content: string;
  position: number;
};

/** Of account data that was deleted (MSC3391). The row stays, so that clients learn of it. */
export const deletedContent = '{}';

const columns = 'room_id AS roomId, type, content, position';

export function findAccountData(sqlite: Sqlite, roomId: string, type: string): AccountDataRow | undefined {
  return sqlite.get<AccountDataRow>(
    `SELECT ${columns} FROM account_data WHERE room_id = ? AND type = ?`,
    roomId,
    type,
  );
}

export function putAccountDataRow(sqlite: Sqlite, row: AccountDataRow): void {
  sqlite.run(
    `INSERT INTO account_data (room_id, type, content, position) VALUES (?, ?, ?, ?)
     ON CONFLICT (room_id, type) DO UPDATE SET content = excluded.content, position = excluded.position`,
    row.roomId,
    row.type,
    row.content,
    row.position,
  );
}

/** What there is; see `accountDataSince` for what was deleted. */
export function accountDataOf(sqlite: Sqlite, roomId: string): AccountDataRow[] {
  return sqlite.all<AccountDataRow>(
    `SELECT ${columns} FROM account_data WHERE room_id = ? AND content <> ?`,
    roomId,
    deletedContent,
  );
}

/** Global and of rooms, in order of change. */
export function accountDataSince(sqlite: Sqlite, since: number): AccountDataRow[] {
  return sqlite.all<AccountDataRow>(
    `SELECT ${columns} FROM account_data WHERE position > ? ORDER BY position`,
    since,
  );
}

/** Rooms that have this type. */
export function roomsWithAccountData(sqlite: Sqlite, type: string): AccountDataRow[] {
  return sqlite.all<AccountDataRow>(
    `SELECT ${columns} FROM account_data WHERE room_id <> '' AND type = ?`,
    type,
  );
}
