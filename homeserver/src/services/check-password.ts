import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import { readAccount } from '../storage/d1/accounts.ts';
import { verifyPassword } from './password.ts';

/**
 * Whether it is the user's password, and then `isStill` tells whether it has remained so.
 * @note Hashing takes its time. Who is deactivated or gets another password meanwhile has all sessions ended before a
 * new one is there: whoever makes one has to ask again after that, and end it.
 */
export async function checkPasswordOf(
  db: DrizzleD1Database,
  userId: UserId | undefined,
  password: string,
): Promise<{ userId: UserId; isStill(): Promise<boolean> } | undefined> {
  const account = userId && (await readAccount(db, userId));
  const passwordHash = account?.passwordHash;
  const isRight = await verifyPassword(password, passwordHash);
  if (!userId || !isRight) return undefined;
  return { userId, isStill: async () => (await readAccount(db, userId))?.passwordHash === passwordHash };
}
