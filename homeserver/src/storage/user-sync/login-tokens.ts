import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `login_tokens`. */

export function insertLoginToken(sqlite: Sqlite, tokenHash: string, expiresMs: number): void {
  sqlite.run('INSERT INTO login_tokens (token_hash, expires_ms) VALUES (?, ?)', tokenHash, expiresMs);
}

/** @returns when it ends, in epoch ms; nothing if it is not there (any more) */
export function takeLoginToken(sqlite: Sqlite, tokenHash: string): number | undefined {
  return sqlite.get<{ expiresMs: number }>(
    'DELETE FROM login_tokens WHERE token_hash = ? RETURNING expires_ms AS expiresMs',
    tokenHash,
  )?.expiresMs;
}

export function deleteLoginTokensExpiredBefore(sqlite: Sqlite, beforeMs: number): void {
  sqlite.run('DELETE FROM login_tokens WHERE expires_ms < ?', beforeMs);
}

export function deleteAllLoginTokens(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM login_tokens');
}
