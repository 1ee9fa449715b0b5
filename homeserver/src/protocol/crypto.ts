import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** SHA-256, Ed25519 and base64 as Matrix uses them; all synchronous. */

/** Ed25519 keys as DER are these prefixes and 32 bytes (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const keyBytes = 32;
const signatureBytes = 64;

/** @param data text is hashed as UTF-8 */
export function sha256(data: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(data).digest();
}

/** Only for ordering events in state resolution of room version 1. */
export function sha1Hex(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** @param seed 32 bytes. @returns 64 bytes */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array | string): Uint8Array {
  return sign(null, Buffer.from(message), privateKey(seed));
}

/** False, never an exception, for keys and signatures of the wrong form. */
export function ed25519Verify(
  publicKey: Uint8Array,
  message: Uint8Array | string,
  signature: Uint8Array,
): boolean {
  if (publicKey.byteLength !== keyBytes || signature.byteLength !== signatureBytes) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(message), key, signature);
  } catch {
    return false;
  }
}

/** @param seed 32 bytes. @returns 32 bytes */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spkiPrefix.byteLength));
}

/** By the seed's own array, which nobody changes: making the key takes as long as signing with it. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();

function privateKey(seed: Uint8Array): KeyObject {
  const known = privateKeys.get(seed);
  if (known) return known;
  if (seed.byteLength !== keyBytes) throw new RangeError('an Ed25519 seed has 32 bytes');
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  privateKeys.set(seed, key);
  return key;
}

/** Appendices, "Unpadded Base64". */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').replace(/=+$/, '');
}

/** Appendices, "URL-safe unpadded Base64". */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Either alphabet, padded or not. Undefined if it is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!base64Pattern.test(text) || text.replace(/=+$/, '').length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(text, 'base64'));
}
