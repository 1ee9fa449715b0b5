import { and, eq, gt, lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openidTokens } from './schema.ts';

/** Keeps a token, known by its hash, and forgets all that expired. */
export async function insertOpenidToken(
  db: DrizzleD1Database,
  row: { tokenHash: string; userId: UserId; expiresMs: number },
  nowMs: number,
): Promise<void> {
  await db.batch([
    db.delete(openidTokens).where(lte(openidTokens.expiresMs, nowMs)),
    db.insert(openidTokens).values(row),
  ]);
}

/** @returns whose token it is, unless it is unknown or has expired */
export async function findOpenidUser(
  db: DrizzleD1Database,
  tokenHash: string,
  nowMs: number,
): Promise<UserId | undefined> {
  const row = await db
    .select({ userId: openidTokens.userId })
    .from(openidTokens)
    .where(and(eq(openidTokens.tokenHash, tokenHash), gt(openidTokens.expiresMs, nowMs)))
    .get();
  return row?.userId as UserId | undefined;
}
