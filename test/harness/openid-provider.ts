import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the next ID token is made wrong in; `key` is not the one that is published. */
export interface IdTokenMistakes {
  claims?: Record<string, unknown>;
  key?: KeyObject;
  algorithm?: string;
}

interface Begun {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

/** An OpenID provider, whose user is always logged in: `subject`. */
export class OpenidProvider {
  readonly clientId = 'roost at the provider';
  readonly clientSecret = 's3cret & more';
  subject = 'subject-1';
  algorithm: 'RS256' | 'ES256' = 'RS256';
  mistakes: IdTokenMistakes = {};
  readonly #keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  readonly #begun = new Map<string, Begun>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
  }

  static async start(): Promise<OpenidProvider> {
    const provider = new OpenidProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage) {
    const url = new URL(request.url ?? '', this.issuer);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return { status: 200, headers: {}, body: this.#metadata() };
      case '/jwks':
        return { status: 200, headers: {}, body: { keys: this.#publicKeys() } };
      case '/authorize':
        return { status: 302, headers: { location: this.#authorize(url.searchParams) }, body: undefined };
      case '/token':
        return this.#token(request);
      default:
        return { status: 404, headers: {}, body: {} };
    }
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    };
  }

  #publicKeys(): object[] {
    return Object.entries(this.#keys).map(([alg, { publicKey }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      alg,
      kid: alg,
      use: 'sig',
    }));
  }

  #authorize(parameters: URLSearchParams): string {
    const given = (name: string) => parameters.get(name) ?? '';
    const isGood =
      given('client_id') === this.clientId &&
      given('response_type') === 'code' &&
      given('scope') === 'openid' &&
      given('code_challenge_method') === 'S256';
    if (!isGood) throw new Error(`a wrong authorization request: ${parameters}`);
    const code = randomUUID();
    const redirectUri = given('redirect_uri');
    this.#begun.set(code, { challenge: given('code_challenge'), nonce: given('nonce'), redirectUri });
    return `${redirectUri}?${new URLSearchParams({ code, state: given('state') })}`;
  }

  async #token(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const refuse = (error: string) => ({ status: 400, headers: {}, body: { error } });
    const encoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
    const basic = Buffer.from(`${encoded(this.clientId)}:${encoded(this.clientSecret)}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return refuse('invalid_client');
    const begun = this.#begun.get(form.get('code') ?? '');
    this.#begun.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!begun || begun.challenge !== challenge || begun.redirectUri !== form.get('redirect_uri')) {
      return refuse('invalid_grant');
    }
    const body = { access_token: 'unused', token_type: 'Bearer', id_token: this.#idToken(begun.nonce) };
    return { status: 200, headers: { 'cache-control': 'no-store' }, body };
  }

  #idToken(nonce: string): string {
    const { claims, key, algorithm } = this.mistakes;
    const nowS = Math.floor(Date.now() / 1000);
    const header = { alg: algorithm ?? this.algorithm, kid: this.algorithm, typ: 'JWT' };
    const payload = {
      iss: this.issuer,
      sub: this.subject,
      aud: this.clientId,
      iat: nowS,
      exp: nowS + 300,
      nonce,
      ...claims,
    };
    const text = [header, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    if (algorithm === 'none') return `${text}.`;
    const privateKey = key ?? this.#keys[this.algorithm].privateKey;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }
}
