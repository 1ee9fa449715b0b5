import { randomBytes } from 'node:crypto';
import { ed25519PublicKey, encodeBase64 } from '../../homeserver/src/protocol/crypto.ts';
import { signJson } from '../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../matrix/json.ts';

/** An Ed25519 key as clients use them: devices and cross-signing keys. */
export interface KeyPair {
  seed: Uint8Array;
  /** Unpadded base64. */
  publicKey: string;
}

export function makeKeyPair(): KeyPair {
  const seed = new Uint8Array(randomBytes(32));
  return { seed, publicKey: encodeBase64(ed25519PublicKey(seed)) };
}

/** @param name of the key in its id; the public key for cross-signing keys */
export function signAs<T extends JsonObject>(
  object: T,
  userId: string,
  pair: KeyPair,
  name = pair.publicKey,
) {
  return signJson(object, userId, { keyId: `ed25519:${name}`, seed: pair.seed });
}

/** Signed by the device, as clients upload them. */
export function makeDeviceKeys(userId: string, deviceId: string, pair: KeyPair) {
  const keys = {
    user_id: userId,
    device_id: deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    keys: { [`ed25519:${deviceId}`]: pair.publicKey, [`curve25519:${deviceId}`]: makeKeyPair().publicKey },
  };
  return signAs(keys, userId, pair, deviceId);
}

export function makeCrossSigningKey(userId: string, usage: string, pair: KeyPair, master?: KeyPair) {
  const key = { user_id: userId, usage: [usage], keys: { [`ed25519:${pair.publicKey}`]: pair.publicKey } };
  return master ? signAs(key, userId, master) : key;
}

export function makeOneTimeKeys(userId: string, deviceId: string, pair: KeyPair, count: number, from = 0) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `signed_curve25519:AAAA${String(from + index).padStart(3, '0')}`,
      signAs({ key: makeKeyPair().publicKey }, userId, pair, deviceId),
    ]),
  );
}
