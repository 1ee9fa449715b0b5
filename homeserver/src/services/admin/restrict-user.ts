import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Stubs } from '../../objects/stubs.ts';
import type { Restrictions } from '../../objects/user-sync-rpc.ts';
import { noteRestrictions } from '../../storage/d1/account-admin.ts';

/**
 * Locks or suspends, or lifts that. The user's object comes first: if the copy for lists cannot be written, the
 * request fails, and when it is repeated the copy is put right.
 */
export async function restrictUser(
  db: DrizzleD1Database,
  stubs: Stubs,
  userId: UserId,
  changes: Partial<Restrictions>,
): Promise<Restrictions> {
  const restrictions = await stubs.user(userId).restrict(changes);
  await noteRestrictions(db, userId, restrictions);
  return restrictions;
}
