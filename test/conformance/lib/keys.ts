import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { User } from './user.ts';

type Json = Record<string, unknown>;

/** Keys as a client makes them: the JSON that is uploaded is really signed. */
export interface DeviceKeys {
  /** The object `device_keys` of an upload. */
  deviceKeys: Json;
  ed25519: KeyObject;
}

/** JSON with sorted members and no spaces, as it is signed. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

export function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** The 32 bytes of a public key, as Matrix writes them. */
export function publicKeyOf(key: KeyObject): string {
  return unpadded(key.export({ type: 'spki', format: 'der' }).subarray(-32));
}

/** Adds a signature to an object. @param keyId such as `ed25519:DEVICE` */
export function signed(object: Json, userId: string, keyId: string, privateKey: KeyObject): Json {
  const { signatures, unsigned, ...rest } = object;
  const signature = unpadded(sign(null, Buffer.from(canonical(rest)), privateKey));
  const others = (signatures ?? {}) as Record<string, Json>;
  return {
    ...rest,
    ...(unsigned !== undefined && { unsigned }),
    signatures: { ...others, [userId]: { ...others[userId], [keyId]: signature } },
  };
}

export function newDeviceKeys(user: User): DeviceKeys {
  const ed25519 = generateKeyPairSync('ed25519');
  const curve25519 = generateKeyPairSync('x25519');
  const { userId, deviceId } = user;
  const deviceKeys = signed(
    {
      user_id: userId,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: {
        [`curve25519:${deviceId}`]: publicKeyOf(curve25519.publicKey),
        [`ed25519:${deviceId}`]: publicKeyOf(ed25519.publicKey),
      },
    },
    userId,
    `ed25519:${deviceId}`,
    ed25519.privateKey,
  );
  return { deviceKeys, ed25519: ed25519.privateKey };
}

/** Signed one-time keys, by their ids `signed_curve25519:<name>`. */
export function newOneTimeKeys(user: User, keys: DeviceKeys, names: readonly string[]): Json {
  return Object.fromEntries(
    names.map((name) => {
      const key = publicKeyOf(generateKeyPairSync('x25519').publicKey);
      const signedKey = signed({ key }, user.userId, `ed25519:${user.deviceId}`, keys.ed25519);
      return [`signed_curve25519:${name}`, signedKey];
    }),
  );
}

/** Uploads new keys of the user's device. */
export async function uploadDeviceKeys(user: User, oneTimeKeyNames: string[] = []): Promise<DeviceKeys> {
  const keys = newDeviceKeys(user);
  await user.ok('POST', '/v3/keys/upload', {
    device_keys: keys.deviceKeys,
    ...(oneTimeKeyNames.length > 0 && { one_time_keys: newOneTimeKeys(user, keys, oneTimeKeyNames) }),
  });
  return keys;
}
