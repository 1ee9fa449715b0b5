import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Peer, type SignedInstead } from '../../../homeserver/src/federation/testing/peer.ts';
import { ed25519PublicKey } from '../../../homeserver/src/protocol/crypto.ts';
import { parseAuthorization, verifyRequestSignature } from '../../../homeserver/src/protocol/x-matrix.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';
import type { CertificateAuthority } from './certificates.ts';

export interface Received {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: JsonObject;
  /** The name that TLS was asked for. */
  tlsName: string | undefined;
}

/** What it answers: JSON with a status, or whatever the function does with the response. */
export type Answer =
  | { status?: number; json: JsonValue }
  | ((received: Received, response: ServerResponse) => void);

export interface FederationServerOptions {
  ca: CertificateAuthority;
  /** Default: `localhost`. Its name is this with its port. */
  host?: string;
  /** In place of that. */
  name?: string;
  /** Names in its certificate. Default: the host of its name. */
  certificateNames?: string[];
}

export interface SentAnswer {
  status: number;
  body: JsonObject;
}

/**
 * Another server of the network, over TLS on this machine: with keys of its own, which it publishes; a record of what it
 * is asked; and signed requests. All that is asked and not set up is answered with 404.
 */
export class FederationServer extends Peer {
  readonly received: Received[] = [];
  /** Answers what nothing is set up for. */
  otherwise: (received: Received) => Answer | undefined = () => undefined;
  readonly port: number;
  readonly #server: https.Server;
  readonly #answers = new Map<string, Answer>();

  private constructor(server: https.Server, name: string) {
    super(name);
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(options: FederationServerOptions): Promise<FederationServer> {
    const host = options.name?.replace(/:\d+$/, '') ?? options.host ?? 'localhost';
    const server = https.createServer(options.ca.issue(...(options.certificateNames ?? [host])));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const made = new FederationServer(server, options.name ?? `${host}:${port}`);
    server.on('request', (request, response) => void made.#answer(request, response));
    return made;
  }

  /** @param path without the query; with `*` at its end all that begin so. The newest answer counts, the exact one first. */
  on(method: string, path: string, answer: Answer): void {
    this.#answers.set(`${method} ${plainPath(path)}`, answer);
  }

  /** What was asked of a path, without the query. */
  askedFor(path: string): Received[] {
    return this.received.filter((received) => plainPath(received.path) === plainPath(path));
  }

  /** Sends a signed request. @param instead what is signed in place of what is sent */
  async send(
    to: { url: string; serverName: string },
    method: string,
    path: string,
    body?: JsonObject,
    instead: SignedInstead = {},
  ): Promise<SentAnswer> {
    const authorization = this.authorization({ method, path, destination: to.serverName, body }, instead);
    const response = await fetch(to.url + path, {
      method,
      headers: { authorization },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  }

  /** Whether a request that came here is signed by that key for this server. */
  isSignedBy({ method, path, headers, body }: Received, origin: string, publicKey: Uint8Array): boolean {
    const [credentials] = parseAuthorization(headers.authorization ?? '') ?? [];
    if (!credentials || credentials.origin !== origin || credentials.destination !== this.name) return false;
    const content = method === 'GET' ? undefined : body;
    const signed = { method, uri: path, origin, destination: this.name, content };
    return verifyRequestSignature(signed, credentials, publicKey);
  }

  publicKey(): Uint8Array {
    return ed25519PublicKey(this.key.seed);
  }

  /** Connections are cut, too. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? {} : (JSON.parse(text) as JsonObject),
      tlsName: (request.socket as TLSSocket & { servername?: string }).servername,
    };
    this.received.push(received);
    const answer = this.#answerTo(received, plainPath(received.path));
    if (typeof answer === 'function') answer(received, response);
    else sendJson(response, answer.status ?? 200, answer.json);
  }

  #answerTo(received: Received, path: string): Answer {
    const { method } = received;
    const exact = this.#answers.get(`${method} ${path}`);
    const prefix = [...this.#answers.keys()].findLast(
      (key) => key.endsWith('*') && `${method} ${path}`.startsWith(key.slice(0, -1)),
    );
    return exact ?? this.#answers.get(prefix ?? '') ?? this.otherwise(received) ?? this.#usual(method, path);
  }

  #usual(method: string, path: string): Answer {
    if (method === 'GET' && path === '/_matrix/key/v2/server') return { json: this.keyAnswer() };
    return { status: 404, json: { errcode: 'M_UNRECOGNIZED', error: 'Not here' } };
  }
}

/** Without the query; servers differ in which characters they escape. */
export function plainPath(path: string): string {
  const [plain = ''] = path.split('?');
  return plain.split('/').map(decodeURIComponent).map(encodeURIComponent).join('/');
}

export function sendJson(response: ServerResponse, status: number, json: JsonValue): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}
