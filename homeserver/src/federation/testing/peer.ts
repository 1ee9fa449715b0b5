import { randomBytes } from 'node:crypto';
import type { ServerName } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../../protocol/crypto.ts';
import { type SigningKey, signJson } from '../../protocol/signatures.ts';
import { authorizationHeader } from '../../protocol/x-matrix.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What of a request is signed, where that is not what is sent. */
export interface SignedInstead {
  origin?: string;
  destination?: string;
  key?: SigningKey;
  uri?: string;
  content?: JsonObject;
}

let made = 0;

/** Another server: its name and its keys. */
export class Peer {
  readonly name: ServerName;
  keys: SigningKey[];
  oldKeys: { keyId: string; seed: Uint8Array; expiredMs: number }[] = [];
  validUntilMs = Date.now() + dayMs;
  /** Changes what it says of its keys, before it is signed. */
  alter: (answer: JsonObject) => JsonObject = (answer) => answer;

  constructor(name?: string) {
    made += 1;
    this.name = (name ?? `peer${made}.test:8448`) as ServerName;
    this.keys = [makeKey('1')];
  }

  get key(): SigningKey {
    const [key] = this.keys;
    if (!key) throw new Error('no key');
    return key;
  }

  keyAnswer(): JsonObject {
    const answer: JsonObject = this.alter({
      server_name: this.name,
      valid_until_ts: this.validUntilMs,
      verify_keys: Object.fromEntries(
        this.keys.map(({ keyId, seed }) => [keyId, { key: publicKeyOf(seed) }]),
      ),
      old_verify_keys: Object.fromEntries(
        this.oldKeys.map(({ keyId, seed, expiredMs }) => [
          keyId,
          { key: publicKeyOf(seed), expired_ts: expiredMs },
        ]),
      ),
    });
    return this.keys.reduce<JsonObject>((signed, key) => signJson(signed, this.name, key), answer);
  }

  /** `Authorization` of a request to `destination`. @param path with the query */
  authorization(
    {
      method,
      path,
      destination,
      body,
    }: { method: string; path: string; destination: string; body?: JsonObject | undefined },
    instead: SignedInstead = {},
  ): string {
    const signed = {
      method,
      uri: instead.uri ?? path,
      origin: instead.origin ?? this.name,
      destination: instead.destination ?? destination,
      content: instead.content ?? body,
    };
    return authorizationHeader(signed, instead.key ?? this.key);
  }
}

export function makeKey(id: string): SigningKey {
  return { keyId: `ed25519:${id}`, seed: new Uint8Array(randomBytes(32)) };
}

export function publicKeyOf(seed: Uint8Array): string {
  return encodeBase64(ed25519PublicKey(seed));
}
