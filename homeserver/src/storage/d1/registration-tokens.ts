import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { registrationTokens } from './schema.ts';

export interface NewRegistrationToken {
  tokenHash: string;
  uses: number;
  /** Whoever registers with it becomes an administrator. */
  isAdmin: boolean;
  expiresMs?: number;
}

export async function createRegistrationToken(
  db: DrizzleD1Database,
  { tokenHash, uses, isAdmin, expiresMs }: NewRegistrationToken,
  nowMs: number,
): Promise<void> {
  await db
    .insert(registrationTokens)
    .values({ tokenHash, usesLeft: uses, isAdmin, createdMs: nowMs, expiresMs: expiresMs ?? null });
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
    .where(
      and(
        eq(registrationTokens.tokenHash, tokenHash),
        gt(registrationTokens.usesLeft, 0),
        or(isNull(registrationTokens.expiresMs), gt(registrationTokens.expiresMs, nowMs)),
      ),
    )
    .get();
  return row !== undefined;
}
