import { localpartOf, type UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';
import { type ChallengePurpose, makeChallenge } from './challenge.ts';
import { algorithms } from './public-key.ts';
import { type RelyingParty, userHandle } from './relying-party.ts';

/** What browsers are asked, in the JSON form of Web Authentication Level 3 (5.1.9, 5.1.10). */

const timeoutMs = 5 * 60_000;

/** @param allowed ids of passkeys; absent: whichever the person chooses @param form see `ChallengePurpose` */
export function assertionOptions(
  purpose: ChallengePurpose,
  party: RelyingParty,
  config: Config,
  nowMs: number,
  allowed: readonly string[] = [],
): object {
  return {
    challenge: makeChallenge(purpose, config.macKey, nowMs),
    rpId: party.id,
    timeout: timeoutMs,
    userVerification: 'required',
    allowCredentials: allowed.map((id) => ({ type: 'public-key', id })),
  };
}

/** @param known ids of the user's passkeys, so that no authenticator makes a second one */
export function creationOptions(
  user: { userId: UserId; displayName: string; known: readonly string[] },
  form: string,
  party: RelyingParty,
  config: Config,
  nowMs: number,
): object {
  return {
    challenge: makeChallenge({ ceremony: 'enrol', form }, config.macKey, nowMs),
    rp: { id: party.id, name: config.serverName },
    user: {
      id: userHandle(user.userId, config),
      name: localpartOf(user.userId),
      displayName: user.displayName,
    },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: timeoutMs,
    excludeCredentials: user.known.map((id) => ({ type: 'public-key', id })),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
  };
}
