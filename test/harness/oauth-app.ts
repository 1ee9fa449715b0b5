import * as oauth from 'oauth4webapi';
import { Browser } from './browser.ts';
import { goThrough } from './oauth-browser.ts';

/** Of addresses without TLS, as test servers have. */
export const insecure = { [oauth.allowInsecureRequests]: true };
export const redirectUri = 'https://app.example.org/callback?kept=1';
export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** What an app in a browser registers as. */
export const webApp = {
  application_type: 'web',
  client_name: 'Example <App>',
  client_uri: 'https://example.org/',
  redirect_uris: [redirectUri, 'https://app.example.org/'],
  grant_types: ['authorization_code', 'refresh_token', deviceCodeGrant],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

export interface Account {
  username: string;
  password: string;
}

type Changes = Record<string, string | undefined>;

/** An app that registers itself at a server and speaks OAuth 2.0 strictly, by `oauth4webapi`. */
export class OauthApp {
  readonly url: string;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;

  private constructor(url: string, server: oauth.AuthorizationServer, client: oauth.Client) {
    this.url = url;
    this.server = server;
    this.client = client;
  }

  /** @throws Error if the server refuses it */
  static async register(url: string, metadata: object = webApp): Promise<OauthApp> {
    const described = await fetch(`${url}/_matrix/client/v1/auth_metadata`);
    const server = (await described.json()) as oauth.AuthorizationServer;
    const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
    return new OauthApp(url, server, await oauth.processDynamicClientRegistrationResponse(answer));
  }

  get issuer(): string {
    return this.server.issuer;
  }

  signIn(target?: string): SignIn {
    return new SignIn(this, target);
  }

  refresh(token: string | undefined): Promise<Response> {
    return oauth.refreshTokenGrantRequest(this.server, this.client, oauth.None(), token ?? '', insecure);
  }

  async refreshed(token: string | undefined): Promise<oauth.TokenEndpointResponse> {
    return oauth.processRefreshTokenResponse(this.server, this.client, await this.refresh(token));
  }

  async revoke(token: string | undefined): Promise<void> {
    const answer = await oauth.revocationRequest(
      this.server,
      this.client,
      oauth.None(),
      token ?? '',
      insecure,
    );
    await oauth.processRevocationResponse(answer);
  }

  /** A request as no strict client makes it. A parameter that is `undefined` is left out. */
  post(
    endpoint: 'token' | 'revocation' | 'introspection' | 'device_authorization',
    form: Changes | string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const url = String(this.server[`${endpoint}_endpoint`]);
    const body = typeof form === 'string' ? form : given(form).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return fetch(url, { method: 'POST', redirect: 'manual', headers: { ...type, ...headers }, body });
  }

  async whoami(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.url}/_matrix/client/v3/account/whoami`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
}

let devices = 0;

/** One login: what the app keeps of it, and its user's browser. */
export class SignIn {
  readonly app: OauthApp;
  readonly redirectUri: string;
  readonly verifier = oauth.generateRandomCodeVerifier();
  readonly state = oauth.generateRandomState();
  readonly deviceId = `DEVICE${process.pid}X${++devices}`;
  readonly browser: Browser;

  constructor(app: OauthApp, target = redirectUri) {
    this.app = app;
    this.redirectUri = target;
    this.browser = new Browser(app.url);
  }

  get scope(): string {
    return `urn:matrix:client:api:* urn:matrix:client:device:${this.deviceId}`;
  }

  async url(changes: Changes = {}): Promise<string> {
    const parameters = given({
      client_id: this.app.client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: this.scope,
      state: this.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
      ...changes,
    });
    return `${this.app.server.authorization_endpoint}?${parameters}`;
  }

  /** The user logs in, if asked to, and allows it. @returns where the browser is sent then */
  async allow(account: Account, changes: Changes = {}): Promise<URL> {
    const page = await goThrough(this.browser, await this.url(changes), account);
    if (page.status !== 0) throw new Error(`not sent back: ${page.url} (${page.status}) ${page.text}`);
    return new URL(page.url);
  }

  /** @param answer what the browser brought; as a strict client sees it, by its parameters */
  exchange(answer: URL | URLSearchParams, changes: { verifier?: string; redirectUri?: string } = {}) {
    const { server, client } = this.app;
    return oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      oauth.validateAuthResponse(server, client, answer, this.state),
      changes.redirectUri ?? this.redirectUri,
      changes.verifier ?? this.verifier,
      insecure,
    );
  }

  /** The form that `exchange` sends, to be changed. */
  form(answer: URL): Record<string, string> {
    return {
      grant_type: 'authorization_code',
      client_id: this.app.client.client_id,
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
    };
  }

  async tokens(account: Account): Promise<oauth.TokenEndpointResponse> {
    const answer = await this.exchange(await this.allow(account));
    return oauth.processAuthorizationCodeResponse(this.app.server, this.app.client, answer);
  }
}

function given(changes: Changes): URLSearchParams {
  const present = Object.entries(changes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return new URLSearchParams(present);
}
