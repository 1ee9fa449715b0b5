import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { SecretBox } from '../../../platform/secret-box.ts';
import type { Config } from '../config.ts';
import { createRegistrationToken, type RegistrationToken } from '../storage/d1/registration-tokens.ts';
import { registrationTokenHash } from './register-user.ts';

/** A token as its owner is to know it. */
export interface NewToken {
  token: string;
  /** Absent: no limit. */
  usesAllowed?: number;
  isAdmin: boolean;
  /** Epoch ms. */
  expiresMs?: number;
}

/**
 * Stores an invitation to register. The owner can read it again, unless it makes administrators: then only its hash is
 * kept, so that who reads the list of tokens gains nothing more than accounts.
 * @returns `false` if the token is there already
 */
export async function storeRegistrationToken(
  db: DrizzleD1Database,
  config: Config,
  { token, ...terms }: NewToken,
  nowMs: number,
): Promise<boolean> {
  const tokenHash = registrationTokenHash(token);
  const sealedToken = terms.isAdmin ? undefined : await boxOf(config).seal(token, contextOf(tokenHash));
  return createRegistrationToken(
    db,
    { ...terms, tokenHash, ...(sealedToken !== undefined && { sealedToken }) },
    nowMs,
  );
}

/** The tokens of these rows, in their order. */
export async function openTokens(
  config: Config,
  rows: readonly RegistrationToken[],
): Promise<{ token: string; row: RegistrationToken }[]> {
  const box = boxOf(config);
  const opened = rows.map(async (row) => ({
    row,
    token: await box.open(row.sealedToken ?? '', contextOf(row.tokenHash)),
  }));
  return Promise.all(opened);
}

function boxOf(config: Config): SecretBox {
  return new SecretBox(config.macKey);
}

function contextOf(tokenHash: string): string {
  return `registration token ${tokenHash}`;
}
