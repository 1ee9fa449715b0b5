import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import { readAccount, replacePasswordHash } from '../storage/d1/accounts.ts';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';

/**
 * Whether it is the user's password, and then `isStill` tells whether it has remained so. A hash of other parameters
 * than new ones have is replaced: only now is the password known.
 * @note Hashing takes its time. Who is deactivated or gets another password meanwhile has all sessions ended before a
 * new one is there: whoever makes one has to ask again after that, and end it.
 */
export async function checkPasswordOf(
  db: DrizzleD1Database,
  userId: UserId | undefined,
  password: string,
): Promise<{ userId: UserId; isStill(): Promise<boolean> } | undefined> {
  const account = userId && (await readAccount(db, userId));
  const stored = account?.passwordHash;
  const isRight = await verifyPassword(password, stored);
  if (!userId || !stored || !isRight) return undefined;
  const current = needsRehash(stored) ? await rehash(db, userId, stored, password) : stored;
  return { userId, isStill: async () => (await readAccount(db, userId))?.passwordHash === current };
}

/** @returns the hash that stands for this password from now on */
async function rehash(
  db: DrizzleD1Database,
  userId: UserId,
  former: string,
  password: string,
): Promise<string> {
  const next = await hashPassword(password);
  if (await replacePasswordHash(db, userId, former, next)) return next;
  // Another login was faster, or another password was set.
  const present = (await readAccount(db, userId))?.passwordHash ?? former;
  return (await verifyPassword(password, present)) ? present : former;
}
