import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import type { ServerName } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../../protocol/crypto.ts';
import { type SigningKey, signJson } from '../../protocol/signatures.ts';
import { authorizationHeader } from '../../protocol/x-matrix.ts';

const dayMs = 24 * 60 * 60 * 1000;

export interface Asked {
  method: string;
  url: string;
  headers: Headers;
  body: string;
}

type Handler = (asked: Asked) => Response | Promise<Response>;

/** Other hosts, for tests inside workerd: whatever `fetch` asks is answered here, or is not there. */
export class Peers {
  readonly asked: Asked[] = [];
  readonly #handlers = new Map<string, Handler>();

  constructor() {
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(input as RequestInfo, init as RequestInit);
      const { method, url, headers } = request;
      const asked = { method, url, headers, body: await request.text() };
      this.asked.push(asked);
      const { host, pathname } = new URL(url);
      const handler = this.#handlers.get(host + pathname) ?? this.#handlers.get(host);
      if (!handler) throw new TypeError(`no connection to ${host}`);
      const aborted = new Promise<never>((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
      });
      return Promise.race([handler(asked), aborted]);
    });
  }

  /** @param where `host:port`, without the port for 443, or with a path behind it */
  on(where: string, handler: Handler): void {
    this.#handlers.set(where, handler);
  }

  off(where: string): void {
    this.#handlers.delete(where);
  }

  urls(): string[] {
    return this.asked.map(({ url }) => url);
  }
}

let made = 0;

/** A server with a name of its own, told by its port, and its keys. */
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

  serveKeys(peers: Peers): this {
    peers.on(`${this.name}/_matrix/key/v2/server`, () => Response.json(this.keyAnswer()));
    return this;
  }

  /** A request to this server. @param changes of what is signed, while what is sent stays */
  request(
    method: string,
    path: string,
    body?: JsonObject,
    changes: {
      origin?: string;
      destination?: string;
      key?: SigningKey;
      uri?: string;
      content?: JsonObject;
    } = {},
  ): Request {
    const destination = changes.destination ?? 'roost.test';
    const content = changes.content ?? body;
    const origin = changes.origin ?? this.name;
    const signed = { method, uri: changes.uri ?? path, origin, destination, content };
    return new Request(`https://roost.test${path}`, {
      method,
      headers: { authorization: authorizationHeader(signed, changes.key ?? this.key) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

export function makeKey(id: string): SigningKey {
  return { keyId: `ed25519:${id}`, seed: new Uint8Array(randomBytes(32)) };
}

export function publicKeyOf(seed: Uint8Array): string {
  return encodeBase64(ed25519PublicKey(seed));
}
