import { createHash, randomBytes } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import { findOpenidUser, insertOpenidToken } from '../storage/d1/openid-tokens.ts';

/**
 * Tokens by which a user proves to a third party who they are, and no more: the third party asks this server
 * whose a token is (Server-server API, "OpenID").
 */

const lifetimeMs = 60 * 60_000;

export async function makeOpenidToken(
  db: DrizzleD1Database,
  userId: UserId,
  nowMs: number,
): Promise<{ token: string; lifetimeMs: number }> {
  const token = `roosto_${randomBytes(32).toString('base64url')}`;
  await insertOpenidToken(db, { tokenHash: hashOf(token), userId, expiresMs: nowMs + lifetimeMs }, nowMs);
  return { token, lifetimeMs };
}

/** @returns nothing if the token is unknown or has expired */
export async function userOfOpenidToken(
  db: DrizzleD1Database,
  token: string,
  nowMs: number,
): Promise<UserId | undefined> {
  return findOpenidUser(db, hashOf(token), nowMs);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
