import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { type GrantedScope, hasAdminScope, withoutAdminScope } from './scope.ts';

/** Of what a client asks for, what this user can give: administration only administrators can. */
export async function grantedTo(
  db: DrizzleD1Database,
  userId: UserId,
  asked: GrantedScope,
): Promise<GrantedScope> {
  if (!hasAdminScope(asked.scope)) return asked;
  const account = await readAccount(db, userId);
  return account?.isAdmin ? asked : withoutAdminScope(asked);
}
