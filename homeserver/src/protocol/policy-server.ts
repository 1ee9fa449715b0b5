import { parseServerName, type ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { decodeBase64 } from './crypto.ts';
import type { Pdu, Signatures } from './pdu.ts';
import type { RoomVersion } from './room-versions.ts';
import { signingKeyIds, verifyPdu } from './signatures.ts';

/** Server-server API (v1.18), "Policy Servers". */

/** A server without whose signature events are not wanted in a room. Plain data: it crosses RPC. */
export interface PolicyServer {
  name: ServerName;
  /** Ed25519, unpadded base64. */
  publicKey: string;
}

/** Of Ed25519 signatures of policy servers; the key has nothing to do with those that the server publishes. */
export const policyKeyId = 'ed25519:policy_server';

const keyBytes = 32;

/**
 * Whom the content of `m.room.policy` names. Whether that server is in the room, without which it has no say, is for the
 * caller to find out. @returns nothing if the content is not as it has to be
 */
export function namedPolicyServer({ via, public_keys: keys }: JsonObject): PolicyServer | undefined {
  const name = typeof via === 'string' ? parseServerName(via) : undefined;
  const publicKey = isJsonObject(keys) ? keys.ed25519 : undefined;
  if (!name || typeof publicKey !== 'string') return undefined;
  return decodeKey(publicKey)?.byteLength === keyBytes ? { name, publicKey } : undefined;
}

/** So that a room can always get rid of its policy server. */
export function isExemptFromPolicy(type: string, stateKey: string | undefined): boolean {
  return type === 'm.room.policy' && stateKey === '';
}

/** A signature that is wrong is not replaced by asking: somebody made it up. */
export function policySignature(
  pdu: Pdu,
  version: RoomVersion,
  { name, publicKey }: PolicyServer,
): 'valid' | 'invalid' | 'missing' {
  if (!signingKeyIds(pdu, name).includes(policyKeyId)) return 'missing';
  const key = decodeKey(publicKey);
  return key && verifyPdu(pdu, version, name, policyKeyId, key) ? 'valid' : 'invalid';
}

/** The event with the signature beside those it has. */
export function withPolicySignature(pdu: Pdu, { name }: PolicyServer, signature: string): Pdu {
  const own: Signatures[string] = Object.hasOwn(pdu.signatures, name) ? (pdu.signatures[name] ?? {}) : {};
  return { ...pdu, signatures: { ...pdu.signatures, [name]: { ...own, [policyKeyId]: signature } } };
}

/** The specification's own example is in the URL-safe alphabet. */
function decodeKey(publicKey: string): Uint8Array | undefined {
  return decodeBase64(publicKey.replaceAll('-', '+').replaceAll('_', '/'));
}
