import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Tables `browser_sessions` and `approvals`. */

/** @returns when it ends, in epoch ms */
export function findBrowserSession(sqlite: Sqlite, tokenHash: string): number | undefined {
  return sqlite.get<{ expiresMs: number }>(
    'SELECT expires_ms AS expiresMs FROM browser_sessions WHERE token_hash = ?',
    tokenHash,
  )?.expiresMs;
}

export function insertBrowserSession(sqlite: Sqlite, tokenHash: string, expiresMs: number): void {
  sqlite.run('INSERT INTO browser_sessions (token_hash, expires_ms) VALUES (?, ?)', tokenHash, expiresMs);
}

export function deleteBrowserSession(sqlite: Sqlite, tokenHash: string): void {
  sqlite.run('DELETE FROM browser_sessions WHERE token_hash = ?', tokenHash);
}

export function deleteBrowserSessionsExpiredBefore(sqlite: Sqlite, beforeMs: number): void {
  sqlite.run('DELETE FROM browser_sessions WHERE expires_ms < ?', beforeMs);
}

export function deleteAllBrowserSessions(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM browser_sessions');
}

/** @returns until when the user allows it, in epoch ms */
export function findApproval(sqlite: Sqlite, action: string): number | undefined {
  return sqlite.get<{ expiresMs: number }>(
    'SELECT expires_ms AS expiresMs FROM approvals WHERE action = ?',
    action,
  )?.expiresMs;
}

export function putApproval(sqlite: Sqlite, action: string, expiresMs: number): void {
  sqlite.run('INSERT OR REPLACE INTO approvals (action, expires_ms) VALUES (?, ?)', action, expiresMs);
}

export function deleteApproval(sqlite: Sqlite, action: string): void {
  sqlite.run('DELETE FROM approvals WHERE action = ?', action);
}

export function deleteApprovalsExpiredBefore(sqlite: Sqlite, beforeMs: number): void {
  sqlite.run('DELETE FROM approvals WHERE expires_ms < ?', beforeMs);
}

export function deleteAllApprovals(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM approvals');
}
