import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data.ts';
import { decodeCbor } from './cbor.ts';
import { answeredChallenge } from './client-data.ts';
import { isSignedBy, isUsableKey, type PasskeyKey } from './public-key.ts';
import type { RelyingParty } from './relying-party.ts';

/** Web Authentication, 7.1 and 7.2, without attestation: who made an authenticator is nothing to us. */

const bytesField = v.pipe(
  v.string(),
  v.regex(/^[\w-]{0,12000}$/),
  v.transform((text) => new Uint8Array(Buffer.from(text, 'base64url'))),
);
const credentialIdField = v.pipe(v.string(), v.regex(/^[\w-]{1,1364}$/));

const registration = v.object({
  id: credentialIdField,
  response: v.object({ clientDataJSON: bytesField, attestationObject: bytesField }),
});
const assertion = v.object({
  id: credentialIdField,
  response: v.object({
    clientDataJSON: bytesField,
    authenticatorData: bytesField,
    signature: bytesField,
    userHandle: v.nullish(v.pipe(v.string(), v.regex(/^[\w-]{0,100}$/))),
  }),
});
export type Assertion = v.InferOutput<typeof assertion>;

export interface NewPasskey {
  credentialId: string;
  key: PasskeyKey;
  signCount: number;
  /** The challenge that was answered, for the caller to check and use up. */
  challenge: string;
}

/** @param text the JSON form of the browser's answer @returns nothing if it does not hold */
export function verifyRegistration(text: string, party: RelyingParty): NewPasskey | undefined {
  const parsed = v.safeParse(registration, parseJson(text));
  if (!parsed.success) return undefined;
  const { id, response } = parsed.output;
  const challenge = answeredChallenge(response.clientDataJSON, 'webauthn.create', party);
  const authenticator = attestedData(response.attestationObject);
  const { credential, signCount } = authenticator ?? {};
  if (challenge === undefined || !authenticator || signCount === undefined) return undefined;
  if (!isVerifiedHere(authenticator, party) || !credential?.key || !isUsableKey(credential.key))
    return undefined;
  // The id comes twice; what is signed counts.
  if (Buffer.from(credential.id).toString('base64url') !== id) return undefined;
  return { credentialId: id, key: credential.key, signCount, challenge };
}

/** @returns nothing if it is malformed. Its `id` names the passkey that it has to be verified against */
export function readAssertion(text: string): Assertion | undefined {
  const parsed = v.safeParse(assertion, parseJson(text));
  return parsed.success ? parsed.output : undefined;
}

/** @returns the challenge that was answered and the new sign count; nothing if it does not hold */
export function verifyAssertion(
  { response }: Assertion,
  key: PasskeyKey,
  party: RelyingParty,
): { challenge: string; signCount: number } | undefined {
  const challenge = answeredChallenge(response.clientDataJSON, 'webauthn.get', party);
  const authenticator = orNothing(() => readAuthenticatorData(response.authenticatorData));
  if (challenge === undefined || !authenticator || !isVerifiedHere(authenticator, party)) return undefined;
  const signed = Buffer.concat([response.authenticatorData, sha256(response.clientDataJSON)]);
  if (!isSignedBy(key, signed, response.signature)) return undefined;
  return { challenge, signCount: authenticator.signCount };
}

function isVerifiedHere(
  { rpIdHash, userPresent, userVerified }: AuthenticatorData,
  party: RelyingParty,
): boolean {
  return sha256(party.id).equals(rpIdHash) && userPresent && userVerified;
}

function attestedData(attestationObject: Uint8Array): AuthenticatorData | undefined {
  return orNothing(() => {
    const { value } = decodeCbor(attestationObject);
    const authData = value instanceof Map ? value.get('authData') : undefined;
    return authData instanceof Uint8Array ? readAuthenticatorData(authData) : undefined;
  });
}

function parseJson(text: string): unknown {
  return orNothing(() => JSON.parse(text) as unknown);
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
