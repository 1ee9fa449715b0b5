import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `sessions`: access tokens and refresh tokens, hashed. */

export type SessionRow = {
  accessTokenHash: string;
  deviceId: DeviceId;
  expiresMs: number | null;
  refreshTokenHash: string | null;
  /** `accessTokenHash` of the session this one was refreshed from, until this one is used. */
  replaces: string | null;
};

/** A session as its refresh token finds it. */
export type RefreshableSessionRow = SessionRow & {
  /** 1: the token has been exchanged, and what came of it was used. */
  spent: number;
};

const columns = `access_token_hash AS accessTokenHash, device_id AS deviceId, expires_ms AS expiresMs,
  refresh_token_hash AS refreshTokenHash, replaces`;

export function findSession(sqlite: Sqlite, accessTokenHash: string): SessionRow | undefined {
  return sqlite.get<SessionRow>(
    `SELECT ${columns} FROM sessions WHERE access_token_hash = ?`,
    accessTokenHash,
  );
}

export function findRefreshableSession(
  sqlite: Sqlite,
  refreshTokenHash: string,
): RefreshableSessionRow | undefined {
  return sqlite.get<RefreshableSessionRow>(
    `SELECT ${columns}, refresh_spent AS spent FROM sessions WHERE refresh_token_hash = ?`,
    refreshTokenHash,
  );
}

export function insertSession(sqlite: Sqlite, session: SessionRow): void {
  sqlite.run(
    `INSERT INTO sessions (access_token_hash, device_id, expires_ms, refresh_token_hash, replaces)
     VALUES (?, ?, ?, ?, ?)`,
    session.accessTokenHash,
    session.deviceId,
    session.expiresMs,
    session.refreshTokenHash,
    session.replaces,
  );
}

/** Ends a session softly: its access token has expired, its refresh token is spent. */
export function expireSession(sqlite: Sqlite, accessTokenHash: string, nowMs: number): void {
  sqlite.run(
    `UPDATE sessions SET refresh_spent = 1, expires_ms = min(coalesce(expires_ms, ?), ?)
     WHERE access_token_hash = ?`,
    nowMs,
    nowMs,
    accessTokenHash,
  );
}

/** Ends, likewise, the sessions that were refreshed from this one. */
export function expireSuccessors(sqlite: Sqlite, accessTokenHash: string, nowMs: number): void {
  sqlite.run(
    `UPDATE sessions SET refresh_spent = 1, expires_ms = min(coalesce(expires_ms, ?), ?)
     WHERE replaces = ? AND device_id = (SELECT device_id FROM sessions WHERE access_token_hash = ?)`,
    nowMs,
    nowMs,
    accessTokenHash,
    accessTokenHash,
  );
}

export function clearReplaces(sqlite: Sqlite, accessTokenHash: string): void {
  sqlite.run('UPDATE sessions SET replaces = NULL WHERE access_token_hash = ?', accessTokenHash);
}

export function deleteSessionsOf(sqlite: Sqlite, deviceId: string): void {
  sqlite.run('DELETE FROM sessions WHERE device_id = ?', deviceId);
}

export function deleteSessionsExpiredBefore(sqlite: Sqlite, deviceId: string, beforeMs: number): void {
  sqlite.run('DELETE FROM sessions WHERE device_id = ? AND expires_ms < ?', deviceId, beforeMs);
}
