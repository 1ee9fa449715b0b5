import { vi } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Peer, SignedInstead } from './peer.ts';

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

  serveKeys(peer: Peer): void {
    this.on(`${peer.name}/_matrix/key/v2/server`, () => Response.json(peer.keyAnswer()));
  }
}

/** A request of the peer to this server. */
export function requestOf(
  peer: Peer,
  method: string,
  path: string,
  body?: JsonObject,
  instead: SignedInstead = {},
): Request {
  const authorization = peer.authorization({ method, path, destination: 'roost.test', body }, instead);
  return new Request(`https://roost.test${path}`, {
    method,
    headers: { authorization },
    ...(body && { body: JSON.stringify(body) }),
  });
}
