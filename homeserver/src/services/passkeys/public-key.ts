import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { type CborMap, decodeCbor } from './cbor.ts';

/** Of COSE (RFC 9053): what we offer, in the order of our liking. ES256, EdDSA by Ed25519, RS256. */
export const algorithms = [-7, -8, -257] as const;
export type Algorithm = (typeof algorithms)[number];

/** The public half of a passkey, as it is stored. */
export interface PasskeyKey {
  algorithm: Algorithm;
  jwk: JsonWebKey;
}

const labels = { kty: 1, alg: 3, curveOrModulus: -1, xOrExponent: -2, y: -3 };

/**
 * Reads a COSE key.
 * @returns it, and where the next byte is; nothing for one that we did not ask for
 * @throws RangeError if it is malformed
 */
export function readCoseKey(bytes: Uint8Array, start: number): { key: PasskeyKey; end: number } | undefined {
  const { value, end } = decodeCbor(bytes, start);
  if (!(value instanceof Map)) throw new RangeError('COSE: not a map');
  const jwk = jwkOf(value);
  return jwk && { key: jwk, end };
}

function jwkOf(cose: CborMap): PasskeyKey | undefined {
  const [kty, alg, curve] = [cose.get(labels.kty), cose.get(labels.alg), cose.get(labels.curveOrModulus)];
  if (kty === 2 && alg === -7 && curve === 1) {
    const [x, y] = [text(cose, labels.xOrExponent), text(cose, labels.y)];
    return { algorithm: alg, jwk: { kty: 'EC', crv: 'P-256', x, y } };
  }
  if (kty === 1 && alg === -8 && curve === 6) {
    return { algorithm: alg, jwk: { kty: 'OKP', crv: 'Ed25519', x: text(cose, labels.xOrExponent) } };
  }
  if (kty === 3 && alg === -257) {
    const [n, e] = [text(cose, labels.curveOrModulus), text(cose, labels.xOrExponent)];
    return { algorithm: alg, jwk: { kty: 'RSA', n, e } };
  }
  return undefined;
}

function text(cose: CborMap, label: number): string {
  const value = cose.get(label);
  if (!(value instanceof Uint8Array)) throw new RangeError('COSE: a coordinate is missing');
  return Buffer.from(value).toString('base64url');
}

/** Whether the key can be used at all: a point that is on the curve, a number that is one. */
export function isUsableKey({ jwk }: PasskeyKey): boolean {
  try {
    createPublicKey({ key: jwk, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** @param signature of ECDSA in DER, as authenticators give it */
export function isSignedBy(
  { algorithm, jwk }: PasskeyKey,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(algorithm === -8 ? null : 'sha256', signed, key, signature);
  } catch {
    return false;
  }
}
