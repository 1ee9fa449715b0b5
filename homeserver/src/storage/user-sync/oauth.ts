import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Tables `oauth_grants` and `oauth_codes`. */

export type GrantRow = { deviceId: DeviceId; clientId: string; scope: string };

export function findGrant(sqlite: Sqlite, deviceId: string): GrantRow | undefined {
  return sqlite.get<GrantRow>(
    `SELECT device_id AS deviceId, client_id AS clientId, scope FROM oauth_grants WHERE device_id = ?`,
    deviceId,
  );
}

export function putGrant(sqlite: Sqlite, { deviceId, clientId, scope }: GrantRow, nowMs: number): void {
  sqlite.run(
    'INSERT OR REPLACE INTO oauth_grants (device_id, client_id, scope, granted_ms) VALUES (?, ?, ?, ?)',
    deviceId,
    clientId,
    scope,
    nowMs,
  );
}

export function deleteGrant(sqlite: Sqlite, deviceId: string): void {
  sqlite.run('DELETE FROM oauth_grants WHERE device_id = ?', deviceId);
}

export type CodeRow = {
  codeHash: string;
  clientId: string;
  clientName: string | null;
  redirectUri: string;
  challenge: string;
  scope: string;
  deviceId: DeviceId;
  refreshable: number;
  expiresMs: number;
  /** Hash of the access token that it was exchanged for. */
  usedBy: string | null;
};

export function insertCode(sqlite: Sqlite, code: CodeRow): void {
  sqlite.run(
    `INSERT INTO oauth_codes (code_hash, client_id, client_name, redirect_uri, challenge, scope, device_id,
       refreshable, expires_ms, used_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    code.codeHash,
    code.clientId,
    code.clientName,
    code.redirectUri,
    code.challenge,
    code.scope,
    code.deviceId,
    code.refreshable,
    code.expiresMs,
    code.usedBy,
  );
}

export function findCode(sqlite: Sqlite, codeHash: string): CodeRow | undefined {
  return sqlite.get<CodeRow>(
    `SELECT code_hash AS codeHash, client_id AS clientId, client_name AS clientName,
       redirect_uri AS redirectUri, challenge, scope, device_id AS deviceId, refreshable,
       expires_ms AS expiresMs, used_by AS usedBy FROM oauth_codes WHERE code_hash = ?`,
    codeHash,
  );
}

export function markCodeUsed(sqlite: Sqlite, codeHash: string, usedBy: string): void {
  sqlite.run('UPDATE oauth_codes SET used_by = ? WHERE code_hash = ?', usedBy, codeHash);
}

export function deleteCodesExpiredBefore(sqlite: Sqlite, beforeMs: number): void {
  sqlite.run('DELETE FROM oauth_codes WHERE expires_ms < ?', beforeMs);
}

export function deleteCodesOf(sqlite: Sqlite, deviceId: string): void {
  sqlite.run('DELETE FROM oauth_codes WHERE device_id = ?', deviceId);
}

export function deleteAllCodes(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM oauth_codes');
}
