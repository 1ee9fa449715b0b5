import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * An authenticator with its browser, as Web Authentication has them: ES256, without attestation. What it gives can be
 * made wrong in each part.
 */
export interface Mistakes {
  origin?: string;
  type?: string;
  challenge?: string;
  crossOrigin?: boolean;
  rpId?: string;
  /** Bits of the flags that are left out. */
  withoutFlags?: number;
  signCount?: number;
  userHandle?: string;
  credentialId?: string;
}

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}

interface RequestOptions {
  challenge: string;
  rpId: string;
}

interface Credential {
  id: string;
  key: KeyObject;
  userHandle: string;
  signCount: number;
}

const flags = { userPresent: 0x01, userVerified: 0x04, credential: 0x40 };

export class Authenticator {
  readonly #origin: string;
  readonly #counts: boolean;
  #credential: Credential | undefined;

  /** @param counts it counts signatures; many do not */
  constructor(origin: string, counts = true) {
    this.#origin = origin;
    this.#counts = counts;
  }

  get credentialId(): string {
    return this.#made().id;
  }

  /** `navigator.credentials.create` @returns its answer in JSON form */
  create(options: CreationOptions, mistakes: Mistakes = {}): string {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(32);
    this.#credential = {
      id: id.toString('base64url'),
      key: privateKey,
      userHandle: options.user.id,
      signCount: 0,
    };
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const coseKey = cborMap([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.byteLength);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey]);
    const authData = Buffer.concat([
      this.#header(options.rp.id, flags.userPresent | flags.userVerified | flags.credential, mistakes),
      attested,
    ]);
    const attestationObject = cborMap([
      ['fmt', 'none'],
      ['attStmt', cborMap([])],
      ['authData', authData],
    ]);
    return JSON.stringify({
      id: mistakes.credentialId ?? this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options.challenge, mistakes).toString(
          'base64url',
        ),
        attestationObject: attestationObject.toString('base64url'),
      },
      clientExtensionResults: {},
    });
  }

  /** `navigator.credentials.get` */
  get(options: RequestOptions, mistakes: Mistakes = {}): string {
    const credential = this.#made();
    if (this.#counts) credential.signCount += 1;
    const authData = this.#header(options.rpId, flags.userPresent | flags.userVerified, mistakes);
    const clientData = this.#clientData('webauthn.get', options.challenge, mistakes);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return JSON.stringify({
      id: mistakes.credentialId ?? credential.id,
      rawId: credential.id,
      type: 'public-key',
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, credential.key).toString('base64url'),
        userHandle: mistakes.userHandle ?? credential.userHandle,
      },
      clientExtensionResults: {},
    });
  }

  #made(): Credential {
    if (!this.#credential) throw new Error('there is no passkey yet');
    return this.#credential;
  }

  #header(rpId: string, set: number, mistakes: Mistakes): Buffer {
    const rest = Buffer.alloc(5);
    rest.writeUInt8(set & ~(mistakes.withoutFlags ?? 0));
    rest.writeUInt32BE(mistakes.signCount ?? this.#credential?.signCount ?? 0, 1);
    return Buffer.concat([
      createHash('sha256')
        .update(mistakes.rpId ?? rpId)
        .digest(),
      rest,
    ]);
  }

  #clientData(type: string, challenge: string, mistakes: Mistakes): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: mistakes.type ?? type,
        challenge: mistakes.challenge ?? challenge,
        origin: mistakes.origin ?? this.#origin,
        crossOrigin: mistakes.crossOrigin ?? false,
      }),
    );
  }
}

type CborItem = number | string | Buffer;

/** Values that are buffers made by this very function are maps, others byte strings. */
const maps = new WeakSet<Buffer>();

function cborMap(entries: [CborItem, CborItem][]): Buffer {
  const map = Buffer.concat([head(5, entries.length), ...entries.flat().map(cbor)]);
  maps.add(map);
  return map;
}

function cbor(item: CborItem): Buffer {
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === 'string') return Buffer.concat([head(3, Buffer.byteLength(item)), Buffer.from(item)]);
  return maps.has(item) ? item : Buffer.concat([head(2, item.byteLength), item]);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 0xff]);
}
