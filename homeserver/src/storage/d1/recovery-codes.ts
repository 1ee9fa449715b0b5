import { and, count, eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { recoveryCodes } from './schema.ts';

/** The former ones end. */
export async function replaceRecoveryCodes(
  db: DrizzleD1Database,
  userId: UserId,
  codeHashes: readonly string[],
): Promise<void> {
  await db.batch([
    db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)),
    db.insert(recoveryCodes).values(codeHashes.map((codeHash) => ({ userId, codeHash }))),
  ]);
}

/** Uses one up. Of several who try, one gets it. */
export async function takeRecoveryCode(
  db: DrizzleD1Database,
  userId: UserId,
  codeHash: string,
): Promise<boolean> {
  const deleted = await db
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.codeHash, codeHash)))
    .run();
  return deleted.meta.changes > 0;
}

export async function countRecoveryCodes(db: DrizzleD1Database, userId: UserId): Promise<number> {
  const row = await db
    .select({ count: count() })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.userId, userId))
    .get();
  return row?.count ?? 0;
}
