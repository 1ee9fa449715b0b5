import { createHash } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { findPasskey, insertPasskey, markPasskeyUsed } from '../../storage/d1/passkeys.ts';
import { takeChallenge } from '../../storage/d1/used-challenges.ts';
import { type ChallengePurpose, challengeEnd } from './challenge.ts';
import type { PasskeyKey } from './public-key.ts';
import { relyingParty, userHandle } from './relying-party.ts';
import { readAssertion, verifyAssertion, verifyRegistration } from './verify-response.ts';

const maxPasskeys = 20;

export interface Ceremony {
  db: DrizzleD1Database;
  config: Config;
  /** The token of the form that the answer came with. */
  form: string;
  /** The browser's answer in its JSON form. */
  answer: string;
}

/** Keeps a new passkey of the user. @returns `false` if it does not hold, or there are too many */
export async function enrolPasskey(
  { db, config, form, answer }: Ceremony,
  userId: UserId,
  name: string,
  nowMs: number,
): Promise<boolean> {
  const party = relyingParty(config);
  const made = party && verifyRegistration(answer, party);
  if (!made) return false;
  const purpose: ChallengePurpose = { ceremony: 'enrol', form };
  if (!(await useUp(db, made.challenge, purpose, config, nowMs))) return false;
  const { credentialId, key, signCount } = made;
  const row = { credentialId, userId, name, publicKey: JSON.stringify(key), signCount, createdMs: nowMs };
  return insertPasskey(db, row, maxPasskeys);
}

/** Whose passkey answered, and whether that still lets in: see `checkPasswordOf`. */
export interface PasskeyProof {
  userId: UserId;
  isStill(): Promise<boolean>;
}

/**
 * Whether a passkey answered a challenge of ours. Its user is found by it; they need not say who they are.
 * @returns nothing if it does not hold, has been used, or if the passkey seems to have been copied
 */
export async function provePasskey(
  { db, config, form, answer }: Ceremony,
  ceremony: 'log in' | 'confirm',
  nowMs: number,
): Promise<PasskeyProof | undefined> {
  const party = relyingParty(config);
  const assertion = readAssertion(answer);
  const passkey = assertion && (await findPasskey(db, assertion.id));
  if (!party || !passkey) return undefined;
  const userId = passkey.userId as UserId;
  const { userHandle: handle } = assertion.response;
  if (typeof handle === 'string' && handle !== userHandle(userId, config)) return undefined;
  const proof = verifyAssertion(assertion, JSON.parse(passkey.publicKey) as PasskeyKey, party);
  if (!proof || !(await useUp(db, proof.challenge, { ceremony, form }, config, nowMs))) return undefined;
  if (!(await markPasskeyUsed(db, passkey.credentialId, proof.signCount, nowMs))) return undefined;
  const isStill = async () =>
    (await readAccount(db, userId))?.deactivatedMs === null &&
    (await findPasskey(db, passkey.credentialId)) !== undefined;
  return (await isStill()) ? { userId, isStill } : undefined;
}

async function useUp(
  db: DrizzleD1Database,
  challenge: string,
  purpose: ChallengePurpose,
  { macKey }: Config,
  nowMs: number,
): Promise<boolean> {
  const endsMs = challengeEnd(challenge, purpose, macKey, nowMs);
  if (endsMs === undefined) return false;
  const hash = createHash('sha256').update(challenge, 'base64url').digest('base64url');
  return takeChallenge(db, hash, endsMs, nowMs);
}
