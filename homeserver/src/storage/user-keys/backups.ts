import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `backups`: versions of the user's key backup; the highest is the current one. */
export interface StoredBackup {
  version: number;
  algorithm: string;
  authData: JsonObject;
  sessionCount: number;
  etag: number;
}

export function createBackup(sqlite: Sqlite, algorithm: string, authData: JsonObject): number {
  const row = sqlite.get<{ version: number }>(
    `INSERT INTO backups (algorithm, auth_data, session_count, etag) VALUES (?, ?, 0, 0) RETURNING version`,
    algorithm,
    JSON.stringify(authData),
  );
  return (row as { version: number }).version;
}

/** @param version absent: the current one */
export function readBackup(sqlite: Sqlite, version?: number): StoredBackup | undefined {
  const row = sqlite.get<{
    version: number;
    algorithm: string;
    auth_data: string;
    session_count: number;
    etag: number;
  }>(
    `SELECT version, algorithm, auth_data, session_count, etag FROM backups
     WHERE version = COALESCE(?, (SELECT MAX(version) FROM backups))`,
    version ?? null,
  );
  return (
    row && {
      version: row.version,
      algorithm: row.algorithm,
      authData: JSON.parse(row.auth_data) as JsonObject,
      sessionCount: row.session_count,
      etag: row.etag,
    }
  );
}

export function setBackupAuthData(sqlite: Sqlite, version: number, authData: JsonObject): void {
  sqlite.run('UPDATE backups SET auth_data = ? WHERE version = ?', JSON.stringify(authData), version);
}

/** Records that sessions changed. @param added may be negative */
export function touchBackup(sqlite: Sqlite, version: number, added: number): void {
  sqlite.run(
    'UPDATE backups SET session_count = session_count + ?, etag = etag + 1 WHERE version = ?',
    added,
    version,
  );
}

export function deleteBackup(sqlite: Sqlite, version: number): void {
  sqlite.run('DELETE FROM backups WHERE version = ?', version);
}
