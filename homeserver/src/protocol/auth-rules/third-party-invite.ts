import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import { decodeBase64 } from '../crypto.ts';
import type { Pdu } from '../pdu.ts';
import { signingKeyIds, verifyJson } from '../signatures.ts';
import { membershipOf } from './membership.ts';
import { type AuthState, allowed, denied, type Verdict } from './verdict.ts';

/** Rule 5.4.1: an invite to an address, claimed by the user it belongs to. */
export function authorizeThirdPartyInvite(event: Pdu, target: string, state: AuthState): Verdict {
  if (membershipOf(target, state) === 'ban') return denied('5.4.1.1', 'the user is banned');
  const invite = event.content.third_party_invite;
  const signed = isJsonObject(invite) ? invite.signed : undefined;
  if (!isJsonObject(signed)) return denied('5.4.1.2', 'the third-party invite is not signed');
  const { mxid, token } = signed;
  if (mxid === undefined || typeof token !== 'string') return denied('5.4.1.3', 'no mxid or token');
  if (mxid !== target) return denied('5.4.1.4', 'the invite is for another user');
  const offer = state.get('m.room.third_party_invite', token);
  if (!offer) return denied('5.4.1.5', 'the room has made no such offer');
  if (offer.sender !== event.sender) return denied('5.4.1.6', 'the offer is by another user');
  return isSignedByAny(signed, publicKeysOf(offer.content))
    ? allowed
    : denied('5.4.1.8', 'no signature by a key of the offer');
}

function publicKeysOf(content: JsonObject): Uint8Array[] {
  const listed = Array.isArray(content.public_keys) ? content.public_keys : [];
  return [content.public_key, ...listed.map((key) => (isJsonObject(key) ? key.public_key : undefined))]
    .map((key) => (typeof key === 'string' ? decodeBase64(key) : undefined))
    .filter((key) => key !== undefined);
}

/** Bounds the work for an invite that brings many signatures and an offer that brings many keys. */
const maxVerifications = 100;

function isSignedByAny(signed: JsonObject, publicKeys: readonly Uint8Array[]): boolean {
  const signers = isJsonObject(signed.signatures) ? Object.keys(signed.signatures) : [];
  const attempts = signers.flatMap((signer) =>
    signingKeyIds(signed, signer)
      .filter((keyId) => keyId.startsWith('ed25519:'))
      .flatMap((keyId) => publicKeys.map((publicKey) => ({ signer, keyId, publicKey }))),
  );
  return attempts
    .slice(0, maxVerifications)
    .some(({ signer, keyId, publicKey }) => verifyJson(signed, signer, keyId, publicKey));
}
