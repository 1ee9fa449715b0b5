import { createHmac, randomBytes } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import { replaceRecoveryCodes, takeRecoveryCode } from '../storage/d1/recovery-codes.ts';

/**
 * A way in for whoever lost passkey and password: a list on paper, each code good for once. A code has 80 random
 * bits, so a fast hash hides it; the key keeps even that from a copy of the database.
 */

const codesInList = 10;
/** Base 32 after Crockford: without what is mistaken for each other. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const codeLength = 16;

/** Makes a new list; the former one ends. @returns the codes, to be shown this once */
export async function makeRecoveryCodes(
  db: DrizzleD1Database,
  userId: UserId,
  config: Config,
): Promise<string[]> {
  const codes = Array.from({ length: codesInList }, makeCode);
  await replaceRecoveryCodes(
    db,
    userId,
    codes.map((code) => hashCode(code, userId, config)),
  );
  return codes.map((code) => (code.match(/.{4}/g) ?? []).join('-'));
}

/** @param typed as a person typed it @returns whether it was one of the user's, which is used up then */
export async function useRecoveryCode(
  db: DrizzleD1Database,
  userId: UserId,
  typed: string,
  config: Config,
): Promise<boolean> {
  const code = typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  if (code.length !== codeLength) return false;
  return takeRecoveryCode(db, userId, hashCode(code, userId, config));
}

function makeCode(): string {
  return Array.from(randomBytes(codeLength), (byte) => alphabet[byte % alphabet.length]).join('');
}

function hashCode(code: string, userId: UserId, { macKey }: Config): string {
  return createHmac('sha256', macKey).update(`recovery code ${userId} ${code}`).digest('base64url');
}
