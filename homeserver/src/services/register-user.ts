import { createHash, randomInt } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { ownsUser } from '../../../appservice/registration.ts';
import { exclusive, invalidParam, invalidUsername, userInUse, weakPassword } from '../../../matrix/errors.ts';
import { makeUserId, type UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import { createAccount, createAccountByToken, readAccount } from '../storage/d1/accounts.ts';
import { isRegistrationTokenValid } from '../storage/d1/registration-tokens.ts';
import { hashPassword, maxPasswordLength } from './password.ts';
import { noticesUser } from './server-notices.ts';

const minPasswordLength = 8;
const generatedAlphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** By what right a person gets an account. */
export type Grant =
  | { kind: 'open' }
  | { kind: 'token'; tokenHash: string }
  /** Whoever knows the shared secret of the configuration decides. */
  | { kind: 'secret'; isAdmin: boolean };

/** Registration tokens are kept as this. */
export function registrationTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * The user id for a wished name; capital letters are lowered, none wished gives a random one.
 * @throws `M_INVALID_USERNAME`
 */
export function userIdForName(name: string | undefined, config: Config): UserId {
  const localpart =
    name === undefined
      ? Array.from({ length: 10 }, () => generatedAlphabet[randomInt(generatedAlphabet.length)]).join('')
      : name.toLowerCase();
  const userId = makeUserId(localpart, config.serverName);
  if (!userId) throw invalidUsername();
  return userId;
}

/** Whether only an application service may make this user. */
export function isReserved(userId: UserId, config: Config): boolean {
  return config.registrations.some((registration) => ownsUser(registration, userId, config.serverName));
}

/** @throws `M_EXCLUSIVE` or `M_USER_IN_USE` */
export async function checkNameIsFree(db: DrizzleD1Database, config: Config, userId: UserId): Promise<void> {
  if (isReserved(userId, config) || userId === noticesUser(config)) throw exclusive();
  if (await readAccount(db, userId)) throw userInUse();
}

/** @throws `M_WEAK_PASSWORD`, or `M_INVALID_PARAM` for one so long that hashing it were an attack */
export function checkPassword(password: string, config: Config): void {
  if (password.length > maxPasswordLength)
    throw invalidParam(`A password has at most ${maxPasswordLength} characters`);
  if (config.passwordPolicy && [...password].length < minPasswordLength) {
    throw weakPassword(`A password has at least ${minPasswordLength} characters`);
  }
}

export interface Person {
  userId: UserId;
  /** Shown at first: the name as it was typed, capital letters and all. */
  displayName: string;
  /** Absent: they log in another way. */
  password?: string;
  grant: Grant;
}

export type Registered = { kind: 'created' } | { kind: 'refused'; reason: 'name' | 'token' };

/** Makes a person's account. A registration token is consumed if and only if the account is made. */
export async function registerPerson(
  db: DrizzleD1Database,
  { userId, displayName, password, grant }: Person,
  nowMs: number,
): Promise<Registered> {
  const secret = password === undefined ? {} : { passwordHash: await hashPassword(password) };
  const created =
    grant.kind === 'token'
      ? await createAccountByToken(db, { userId, displayName, ...secret }, grant.tokenHash, nowMs)
      : await createAccount(
          db,
          { userId, displayName, ...secret, isAdmin: grant.kind === 'secret' && grant.isAdmin },
          nowMs,
        );
  if (created) return { kind: 'created' };
  const isTokenValid = grant.kind !== 'token' || (await isRegistrationTokenValid(db, grant.tokenHash, nowMs));
  return { kind: 'refused', reason: isTokenValid ? 'name' : 'token' };
}
