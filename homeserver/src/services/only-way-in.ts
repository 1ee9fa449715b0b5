import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import { readAccount } from '../storage/d1/accounts.ts';
import { readIdentity } from '../storage/d1/external-identities.ts';
import { listPasskeys } from '../storage/d1/passkeys.ts';

/**
 * Whether the user would be shut out without one passkey, or without the account elsewhere. Recovery codes are for
 * accidents.
 */
export async function isOnlyWayIn(
  db: DrizzleD1Database,
  userId: UserId,
  { upstream }: Config,
  without: 'passkey' | 'identity',
): Promise<boolean> {
  const [account, passkeys, identity] = await Promise.all([
    readAccount(db, userId),
    listPasskeys(db, userId),
    upstream && readIdentity(db, userId, upstream.issuer),
  ]);
  if (account?.passwordHash) return false;
  return without === 'passkey' ? passkeys.length <= 1 && identity === undefined : passkeys.length === 0;
}
