import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, expect } from 'vitest';
import { Browser, type Page } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import { Roost } from '../../harness/roost.ts';

/** A strict client that signs in by OAuth 2.0 through the pages, as an app and its user's browser do. */

export const password = 'a long password';
export const insecure = { [oauth.allowInsecureRequests]: true };
export const redirectUri = 'https://app.example.org/callback?kept=1';
export const clientMetadata = {
  application_type: 'web',
  client_name: 'Example <App>',
  client_uri: 'https://example.org/',
  logo_uri: 'https://example.org/logo.png',
  redirect_uris: [redirectUri, 'https://app.example.org/'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

export let roost: Roost;
export let server: oauth.AuthorizationServer;
export let client: oauth.Client;

/** For a test file: a server with two accounts, and an app that is registered there. */
export function useRoost(): void {
  beforeAll(async () => {
    roost = await Roost.start();
    for (const name of ['olive', 'mallory']) await register(roost.url, name, password);
    const answer = await fetch(`${roost.url}/_matrix/client/v1/auth_metadata`);
    server = (await answer.json()) as oauth.AuthorizationServer;
    client = await registerClient(clientMetadata);
  }, 120_000);
  afterAll(() => roost?.stopAndRemove());
}

export async function registerClient(metadata: object): Promise<oauth.Client> {
  const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

let devices = 0;

export class Attempt {
  readonly verifier = oauth.generateRandomCodeVerifier();
  readonly state = oauth.generateRandomState();
  readonly deviceId = `DEVICE${String(++devices).padStart(4, '0')}`;
  readonly redirectUri: string;
  readonly #client: oauth.Client;

  constructor(target = redirectUri, by = client) {
    this.redirectUri = target;
    this.#client = by;
  }

  get scope(): string {
    return `urn:matrix:client:api:* urn:matrix:client:device:${this.deviceId}`;
  }

  /** @param changes a parameter that is `undefined` is left out */
  async url(changes: Record<string, string | undefined> = {}): Promise<string> {
    const parameters = {
      client_id: this.#client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: this.scope,
      state: this.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
      ...changes,
    };
    const given = Object.entries(parameters).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return `${server.authorization_endpoint}?${new URLSearchParams(given)}`;
  }

  /** The user logs in if asked to, and allows it. @returns where the browser was sent then */
  async allow(browser: Browser, changes: Record<string, string | undefined> = {}): Promise<URL> {
    let page = await browser.open(await this.url(changes));
    if (page.url.includes('/oauth2/login')) {
      page = await browser.submit(page, { username: 'olive', password });
    }
    const sent = await browser.submit(page, { decision: 'allow' });
    expect(sent.status, sent.text).toBe(0);
    return new URL(sent.url);
  }

  async exchange(answer: URL | URLSearchParams, changes: Record<string, string> = {}): Promise<Response> {
    const parameters = oauth.validateAuthResponse(server, this.#client, answer, this.state);
    return oauth.authorizationCodeGrantRequest(
      server,
      this.#client,
      oauth.None(),
      parameters,
      changes.redirect_uri ?? this.redirectUri,
      changes.code_verifier ?? this.verifier,
      insecure,
    );
  }

  async signIn(browser = new Browser(roost.url)): Promise<oauth.TokenEndpointResponse> {
    const answer = await this.exchange(await this.allow(browser));
    return oauth.processAuthorizationCodeResponse(server, this.#client, answer);
  }
}

export const refresh = (token: string | undefined) =>
  oauth.refreshTokenGrantRequest(server, client, oauth.None(), token ?? '', insecure);
export const refreshed = async (token: string | undefined) =>
  oauth.processRefreshTokenResponse(server, client, await refresh(token));

export async function ask(path: string, token: string, init: RequestInit = {}) {
  const answer = await fetch(`${roost.url}/_matrix/client/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export async function expectError(answer: Response, error: string): Promise<void> {
  expect(await answer.json()).toMatchObject({ error });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

export async function loggedIn(
  attempt: Attempt,
  username = 'olive',
): Promise<{ browser: Browser; page: Page }> {
  const browser = new Browser(roost.url);
  const login = await browser.open(await attempt.url());
  return { browser, page: await browser.submit(login, { username, password }) };
}

export async function decide(browser: Browser, page: Page, decision: string): Promise<string> {
  return (await browser.submit(page, { decision })).url;
}
