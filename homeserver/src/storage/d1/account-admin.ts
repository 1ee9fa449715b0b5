import { eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { accounts } from './schema.ts';

/** What administrators change of accounts. */

export async function setAdmin(db: DrizzleD1Database, userId: UserId, isAdmin: boolean): Promise<void> {
  await db.update(accounts).set({ isAdmin }).where(eq(accounts.userId, userId));
}

/** The copy for lists; what counts is in the user's object. */
export async function noteRestrictions(
  db: DrizzleD1Database,
  userId: UserId,
  { locked, suspended }: { locked: boolean; suspended: boolean },
): Promise<void> {
  await db.update(accounts).set({ locked, suspended }).where(eq(accounts.userId, userId));
}

/** Opens a deactivated account again. */
export async function reactivateAccount(
  db: DrizzleD1Database,
  userId: UserId,
  passwordHash: string,
): Promise<void> {
  await db
    .update(accounts)
    .set({ deactivatedMs: null, erased: false, passwordHash })
    .where(eq(accounts.userId, userId));
}
