import { parseUserId, serverNameOf } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { canonicalJson, type NumberRule } from './canonical-json.ts';
import { decodeBase64, ed25519Sign, ed25519Verify, encodeBase64 } from './crypto.ts';
import { contentHash, numberRule } from './event-hash.ts';
import type { Pdu, Signatures } from './pdu.ts';
import { redactEvent } from './redaction.ts';
import type { RoomVersion } from './room-versions.ts';

/** Appendices, "Signing JSON"; server-server API, "Signing Events". */

export interface SigningKey {
  /** `ed25519:<id>` */
  keyId: string;
  /** 32 bytes. */
  seed: Uint8Array;
}

/**
 * @returns a copy with the signature added to those it has
 * @throws CanonicalJsonError
 */
export function signJson<T extends JsonObject>(
  object: T,
  signer: string,
  key: SigningKey,
  numbers: NumberRule = 'integers',
): T & { signatures: Signatures } {
  const signature = encodeBase64(ed25519Sign(key.seed, signedText(object, numbers)));
  return { ...object, signatures: withSignature(object.signatures, signer, key.keyId, signature) };
}

/** False also if the object has no such signature or is no canonical JSON. */
export function verifyJson(
  object: JsonObject,
  signer: string,
  keyId: string,
  publicKey: Uint8Array,
  numbers: NumberRule = 'integers',
): boolean {
  const signature = signatureOf(object, signer, keyId);
  if (signature === undefined) return false;
  try {
    return ed25519Verify(publicKey, signedText(object, numbers), signature);
  } catch {
    return false;
  }
}

/** Key ids under which `signer` has signed the object. */
export function signingKeyIds(object: JsonObject, signer: string): string[] {
  const signatures = memberOf(object.signatures, signer);
  return isJsonObject(signatures) ? Object.keys(signatures) : [];
}

/**
 * Adds the content hash and this server's signature.
 * @throws CanonicalJsonError
 */
export function hashAndSign<T extends JsonObject>(
  event: T,
  version: RoomVersion,
  serverName: string,
  key: SigningKey,
): T & { hashes: { sha256: string }; signatures: Signatures } {
  const hashed = { ...event, hashes: { sha256: contentHash(event, version) } };
  return signPdu(hashed, version, serverName, key);
}

/**
 * Adds a signature to an event that has its content hash.
 * @throws CanonicalJsonError
 */
export function signPdu<T extends JsonObject>(
  event: T,
  version: RoomVersion,
  serverName: string,
  key: SigningKey,
): T & { signatures: Signatures } {
  const { signatures } = signJson(redactEvent(event, version), serverName, key, numberRule(version));
  return { ...event, signatures };
}

/** Whether the server has validly signed the event with that key; the same for its redacted copy. */
export function verifyPdu(
  pdu: Pdu,
  version: RoomVersion,
  serverName: string,
  keyId: string,
  publicKey: Uint8Array,
): boolean {
  return verifyJson(redactEvent(pdu, version), serverName, keyId, publicKey, numberRule(version));
}

/**
 * Servers that must have signed an event: the sender's, unless it is a third-party invite, which the
 * server that holds the invite sends in another's name; the one that assigned the id (versions 1 and 2);
 * and the one that let a user into a restricted room (authorization rule 5.2.1).
 */
export function requiredSigners(pdu: Pdu, version: RoomVersion): string[] {
  const signers = new Set<string>();
  const isMember = pdu.type === 'm.room.member';
  const isThirdPartyInvite =
    isMember && pdu.content.membership === 'invite' && pdu.content.third_party_invite !== undefined;
  if (!isThirdPartyInvite) signers.add(serverNameOf(pdu.sender));
  if (version.eventIds === 'assigned') {
    const eventId = pdu.event_id ?? '';
    signers.add(eventId.slice(eventId.indexOf(':') + 1));
  }
  const via = pdu.content.join_authorised_via_users_server;
  if (version.restrictedJoins && isMember && via !== undefined) {
    const userId = typeof via === 'string' ? parseUserId(via) : undefined;
    // Nobody can sign for a value that names no server.
    signers.add(userId ? serverNameOf(userId) : '');
  }
  return [...signers];
}

function signedText(object: JsonObject, numbers: NumberRule): string {
  const { signatures: _, unsigned: __, ...signed } = object;
  return canonicalJson(signed, numbers);
}

function signatureOf(object: JsonObject, signer: string, keyId: string): Uint8Array | undefined {
  const signature = memberOf(memberOf(object.signatures, signer), keyId);
  return typeof signature === 'string' ? decodeBase64(signature) : undefined;
}

/** Names in JSON are chosen by others: inherited members are none. */
function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function withSignature(present: unknown, signer: string, keyId: string, signature: string): Signatures {
  const signatures = isJsonObject(present) ? (present as Signatures) : {};
  const own = memberOf(signatures, signer);
  return {
    ...signatures,
    [signer]: { ...(isJsonObject(own) ? (own as Signatures[string]) : {}), [keyId]: signature },
  };
}
