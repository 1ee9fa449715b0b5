import { and, eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { externalIdentities } from './schema.ts';

/** Somebody, as the provider of that name knows them (OpenID Connect Core, 2: `iss` and `sub`). */
export interface ExternalIdentity {
  issuer: string;
  subject: string;
}

export async function findUserByIdentity(
  db: DrizzleD1Database,
  { issuer, subject }: ExternalIdentity,
): Promise<UserId | undefined> {
  const row = await db
    .select({ userId: externalIdentities.userId })
    .from(externalIdentities)
    .where(and(eq(externalIdentities.issuer, issuer), eq(externalIdentities.subject, subject)))
    .get();
  return row?.userId as UserId | undefined;
}

/** @returns `false` if it is somebody's already */
export async function linkIdentity(
  db: DrizzleD1Database,
  identity: ExternalIdentity,
  userId: UserId,
  nowMs: number,
): Promise<boolean> {
  const inserted = await db
    .insert(externalIdentities)
    .values({ ...identity, userId, linkedMs: nowMs })
    .onConflictDoNothing()
    .run();
  return inserted.meta.changes > 0;
}

/** @returns the `sub` that the user is known by at the provider, if any */
export async function readIdentity(
  db: DrizzleD1Database,
  userId: UserId,
  issuer: string,
): Promise<string | undefined> {
  const row = await db
    .select({ subject: externalIdentities.subject })
    .from(externalIdentities)
    .where(and(eq(externalIdentities.userId, userId), eq(externalIdentities.issuer, issuer)))
    .get();
  return row?.subject;
}
