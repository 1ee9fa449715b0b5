import { and, eq, exists, ne, or, type SQL, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { accounts, externalIdentities, passkeys } from './schema.ts';

/**
 * A way in is removed on the condition that another one stays, in one statement: of two that are removed at once the
 * second one finds the first gone. Recovery codes are for accidents and do not count.
 */

/** `last`: it was kept, being the only way in. */
export type Removal = 'removed' | 'last' | 'unknown';

/** @param issuer of the provider that is configured: an account at another one does not let in */
export async function removePasskey(
  db: DrizzleD1Database,
  userId: UserId,
  credentialId: string,
  issuer: string | undefined,
): Promise<Removal> {
  const ofUser = eq(passkeys.userId, userId);
  const isIt = and(ofUser, eq(passkeys.credentialId, credentialId));
  const otherPasskey = anyPasskey(db, and(ofUser, ne(passkeys.credentialId, credentialId)));
  const identity = issuer === undefined ? undefined : anyIdentity(db, isAt(userId, issuer));
  const stays = or(hasPassword(db, userId), otherPasskey, identity);
  const { meta } = await db.delete(passkeys).where(and(isIt, stays)).run();
  if (meta.changes > 0) return 'removed';
  return (await db.select(one).from(passkeys).where(isIt).get()) ? 'last' : 'unknown';
}

/** Ends that the account at this provider lets in. */
export async function removeIdentity(
  db: DrizzleD1Database,
  userId: UserId,
  issuer: string,
): Promise<Removal> {
  const isIt = isAt(userId, issuer);
  const stays = or(hasPassword(db, userId), anyPasskey(db, eq(passkeys.userId, userId)));
  const { meta } = await db.delete(externalIdentities).where(and(isIt, stays)).run();
  if (meta.changes > 0) return 'removed';
  return (await db.select(one).from(externalIdentities).where(isIt).get()) ? 'last' : 'unknown';
}

const one = { one: sql<number>`1` };

function hasPassword(db: DrizzleD1Database, userId: UserId): SQL {
  const password = and(eq(accounts.userId, userId), ne(accounts.passwordHash, ''));
  return exists(db.select(one).from(accounts).where(password));
}

function anyPasskey(db: DrizzleD1Database, which: SQL | undefined): SQL {
  return exists(db.select(one).from(passkeys).where(which));
}

function anyIdentity(db: DrizzleD1Database, which: SQL | undefined): SQL {
  return exists(db.select(one).from(externalIdentities).where(which));
}

function isAt(userId: UserId, issuer: string): SQL | undefined {
  return and(eq(externalIdentities.userId, userId), eq(externalIdentities.issuer, issuer));
}
