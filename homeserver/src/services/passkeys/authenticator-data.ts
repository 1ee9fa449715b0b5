import { type PasskeyKey, readCoseKey } from './public-key.ts';

/** Web Authentication, 6.1: what the authenticator says, and signs. */
export interface AuthenticatorData {
  rpIdHash: Uint8Array;
  /** Somebody was there. */
  userPresent: boolean;
  /** It was the owner, by PIN, finger or face. */
  userVerified: boolean;
  signCount: number;
  /** With a new passkey. */
  credential?: { id: Uint8Array; key: PasskeyKey | undefined };
}

const flags = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  credential: 0x40,
};
const headerBytes = 37;

/** @throws RangeError if it is malformed */
export function readAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  if (bytes.byteLength < headerBytes) throw new RangeError('authenticator data: cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (flag: number) => (view.getUint8(32) & flag) !== 0;
  if (has(flags.backedUp) && !has(flags.backupEligible)) {
    throw new RangeError('authenticator data: backed up, though it cannot be');
  }
  return {
    rpIdHash: bytes.slice(0, 32),
    userPresent: has(flags.userPresent),
    userVerified: has(flags.userVerified),
    signCount: view.getUint32(33),
    ...(has(flags.credential) && { credential: readCredential(bytes, view) }),
  };
}

/** 6.5.1: model (16 bytes), length of the id, id, key. Extensions may follow. */
function readCredential(bytes: Uint8Array, view: DataView): NonNullable<AuthenticatorData['credential']> {
  const idStart = headerBytes + 18;
  const idEnd = idStart + view.getUint16(headerBytes + 16);
  if (idEnd > bytes.byteLength) throw new RangeError('authenticator data: cut off');
  return { id: bytes.slice(idStart, idEnd), key: readCoseKey(bytes, idEnd)?.key };
}
