import { and, asc, eq, lt, or, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { passkeys } from './schema.ts';

export type PasskeyRow = typeof passkeys.$inferSelect;

export async function findPasskey(
  db: DrizzleD1Database,
  credentialId: string,
): Promise<PasskeyRow | undefined> {
  return db.select().from(passkeys).where(eq(passkeys.credentialId, credentialId)).get();
}

/** Oldest first. */
export async function listPasskeys(db: DrizzleD1Database, userId: UserId): Promise<PasskeyRow[]> {
  return db.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(asc(passkeys.createdMs)).all();
}

/** @returns `false` if it is there already, or the user has as many as allowed */
export async function insertPasskey(
  db: DrizzleD1Database,
  row: Omit<PasskeyRow, 'userId' | 'usedMs'> & { userId: UserId },
  maxOfUser: number,
): Promise<boolean> {
  const owned = sql`(SELECT COUNT(*) FROM ${passkeys} WHERE ${passkeys.userId} = ${row.userId})`;
  const { credentialId, userId, name, publicKey, signCount, createdMs } = row;
  // In one statement, so that two at once do not both find room.
  const inserted = await db.run(sql`
    INSERT INTO ${passkeys} (credential_id, user_id, name, public_key, sign_count, created_ms)
    SELECT ${credentialId}, ${userId}, ${name}, ${publicKey}, ${signCount}, ${createdMs} WHERE ${owned} < ${maxOfUser}
    ON CONFLICT DO NOTHING`);
  return inserted.meta.changes > 0;
}

/**
 * Notes a use. Of two at once with the same count one wins.
 * @returns `false` if the passkey is gone, or its count has not grown: then there are two of it
 */
export async function markPasskeyUsed(
  db: DrizzleD1Database,
  credentialId: string,
  signCount: number,
  nowMs: number,
): Promise<boolean> {
  // Many authenticators do not count, and always say 0.
  const isPlausible = or(
    lt(passkeys.signCount, signCount),
    and(eq(passkeys.signCount, 0), sql`${signCount} = 0`),
  );
  const updated = await db
    .update(passkeys)
    .set({ signCount, usedMs: nowMs })
    .where(and(eq(passkeys.credentialId, credentialId), isPlausible))
    .run();
  return updated.meta.changes > 0;
}

export async function renamePasskey(
  db: DrizzleD1Database,
  userId: UserId,
  credentialId: string,
  name: string,
): Promise<void> {
  await db.update(passkeys).set({ name }).where(isOf(userId, credentialId));
}

function isOf(userId: UserId, credentialId: string) {
  return and(eq(passkeys.userId, userId), eq(passkeys.credentialId, credentialId));
}
