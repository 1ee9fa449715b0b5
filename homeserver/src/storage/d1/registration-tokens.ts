import { and, desc, eq, gt, isNotNull, isNull, lt, not, or } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { registrationTokens } from './schema.ts';

export type RegistrationToken = typeof registrationTokens.$inferSelect;

export interface NewRegistrationToken {
  tokenHash: string;
  /** For the owner to read again; absent: only the hash is kept. */
  sealedToken?: string;
  /** Absent: no limit. */
  usesAllowed?: number;
  /** Whoever registers with it becomes an administrator. */
  isAdmin: boolean;
  expiresMs?: number;
}

/** @returns `false` if the token is there already */
export async function createRegistrationToken(
  db: DrizzleD1Database,
  { tokenHash, sealedToken, usesAllowed, isAdmin, expiresMs }: NewRegistrationToken,
  nowMs: number,
): Promise<boolean> {
  const inserted = await db
    .insert(registrationTokens)
    .values({
      tokenHash,
      sealedToken: sealedToken ?? null,
      usesAllowed: usesAllowed ?? null,
      isAdmin,
      createdMs: nowMs,
      expiresMs: expiresMs ?? null,
    })
    .onConflictDoNothing();
  return inserted.meta.changes > 0;
}

/** It has uses left and has not expired. */
export function isUsable(nowMs: number) {
  return and(
    or(
      isNull(registrationTokens.usesAllowed),
      lt(registrationTokens.completed, registrationTokens.usesAllowed),
    ),
    or(isNull(registrationTokens.expiresMs), gt(registrationTokens.expiresMs, nowMs)),
  );
}

/** Whether it could be used now. It is consumed by `createAccountByToken` alone. */
export async function isRegistrationTokenValid(
  db: DrizzleD1Database,
  tokenHash: string,
  nowMs: number,
): Promise<boolean> {
  const row = await db
    .select({ tokenHash: registrationTokens.tokenHash })
    .from(registrationTokens)
    .where(and(eq(registrationTokens.tokenHash, tokenHash), isUsable(nowMs)))
    .get();
  return row !== undefined;
}

/** Those that can be read again, newest first. @param valid absent: usable ones and others */
export async function listRegistrationTokens(
  db: DrizzleD1Database,
  valid: boolean | undefined,
  limit: number,
  nowMs: number,
): Promise<RegistrationToken[]> {
  const usable = isUsable(nowMs);
  const wanted = valid === undefined || !usable ? undefined : valid ? usable : not(usable);
  return db
    .select()
    .from(registrationTokens)
    .where(and(isNotNull(registrationTokens.sealedToken), wanted))
    .orderBy(desc(registrationTokens.createdMs))
    .limit(limit);
}

export async function readRegistrationToken(
  db: DrizzleD1Database,
  tokenHash: string,
): Promise<RegistrationToken | undefined> {
  return db
    .select()
    .from(registrationTokens)
    .where(and(eq(registrationTokens.tokenHash, tokenHash), isNotNull(registrationTokens.sealedToken)))
    .get();
}

/** Uses that were made stay counted. @returns nothing if there is no such token */
export async function updateRegistrationToken(
  db: DrizzleD1Database,
  tokenHash: string,
  changes: { usesAllowed?: number | null; expiresMs?: number | null },
): Promise<RegistrationToken | undefined> {
  if (Object.keys(changes).length === 0) return readRegistrationToken(db, tokenHash);
  return db
    .update(registrationTokens)
    .set(changes)
    .where(and(eq(registrationTokens.tokenHash, tokenHash), isNotNull(registrationTokens.sealedToken)))
    .returning()
    .get();
}

/** @returns whether there was one */
export async function deleteRegistrationToken(db: DrizzleD1Database, tokenHash: string): Promise<boolean> {
  const deleted = await db
    .delete(registrationTokens)
    .where(and(eq(registrationTokens.tokenHash, tokenHash), isNotNull(registrationTokens.sealedToken)));
  return deleted.meta.changes > 0;
}
