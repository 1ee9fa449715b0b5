import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser, type Page } from '../harness/browser.ts';
import { register } from '../harness/matrix-client.ts';
import { Roost } from '../harness/roost.ts';

/** A strict client signs in by OAuth 2.0 through the pages, as an app and its user's browser do. */

const password = 'a long password';
const insecure = { [oauth.allowInsecureRequests]: true };
const redirectUri = 'https://app.example.org/callback?kept=1';
const clientMetadata = {
  application_type: 'web',
  client_name: 'Example <App>',
  client_uri: 'https://example.org/',
  logo_uri: 'https://example.org/logo.png',
  redirect_uris: [redirectUri, 'https://app.example.org/'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

let roost: Roost;
let server: oauth.AuthorizationServer;
let client: oauth.Client;

beforeAll(async () => {
  roost = await Roost.start();
  for (const name of ['olive', 'mallory']) await register(roost.url, name, password);
  const answer = await fetch(`${roost.url}/_matrix/client/v1/auth_metadata`);
  server = (await answer.json()) as oauth.AuthorizationServer;
  client = await registerClient(clientMetadata);
}, 120_000);

afterAll(() => roost?.stopAndRemove());

async function registerClient(metadata: object): Promise<oauth.Client> {
  const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

let devices = 0;

class Attempt {
  readonly verifier = oauth.generateRandomCodeVerifier();
  readonly state = oauth.generateRandomState();
  readonly deviceId = `DEVICE${String(++devices).padStart(4, '0')}`;
  readonly redirectUri: string;

  constructor(target = redirectUri) {
    this.redirectUri = target;
  }

  get scope(): string {
    return `urn:matrix:client:api:* urn:matrix:client:device:${this.deviceId}`;
  }

  /** @param changes a parameter that is `undefined` is left out */
  async url(changes: Record<string, string | undefined> = {}): Promise<string> {
    const parameters = {
      client_id: client.client_id,
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
    const parameters = oauth.validateAuthResponse(server, client, answer, this.state);
    return oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      changes.redirect_uri ?? this.redirectUri,
      changes.code_verifier ?? this.verifier,
      insecure,
    );
  }

  async signIn(browser = new Browser(roost.url)): Promise<oauth.TokenEndpointResponse> {
    const answer = await this.exchange(await this.allow(browser));
    return oauth.processAuthorizationCodeResponse(server, client, answer);
  }
}

const refresh = (token: string | undefined) =>
  oauth.refreshTokenGrantRequest(server, client, oauth.None(), token ?? '', insecure);
const refreshed = async (token: string | undefined) =>
  oauth.processRefreshTokenResponse(server, client, await refresh(token));

async function ask(path: string, token: string, init: RequestInit = {}) {
  const answer = await fetch(`${roost.url}/_matrix/client/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function expectError(answer: Response, error: string): Promise<void> {
  expect(await answer.json()).toMatchObject({ error });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

describe('the authorization server', () => {
  test('is described where clients look, in what they need', async () => {
    for (const path of [
      '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
    ]) {
      const answer = await fetch(roost.url + path);
      expect(await answer.json()).toEqual(server);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const issuer = new URL(server.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    expect(await oauth.processDiscoveryResponse(issuer, discovered)).toEqual(server);
    expect(server.response_modes_supported).toEqual(['query', 'fragment']);
    expect(server.code_challenge_methods_supported).toEqual(['S256']);
    expect(await (await fetch(server.jwks_uri ?? '')).json()).toEqual({ keys: [] });
  });

  test('lets web clients in where they speak to it, and not to its pages', async () => {
    for (const endpoint of [
      server.token_endpoint,
      server.registration_endpoint,
      server.revocation_endpoint,
    ]) {
      const answer = await fetch(endpoint ?? '', { method: 'OPTIONS' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const page = await new Browser(roost.url).open(await new Attempt().url());
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('knows a client again that registers again', async () => {
    expect((await registerClient(clientMetadata)).client_id).toBe(client.client_id);
    expect((await registerClient({ ...clientMetadata, client_name: 'Other' })).client_id).not.toBe(
      client.client_id,
    );
    const answer = await fetch(server.registration_endpoint ?? '', { method: 'POST', body: 'x' });
    await expectError(answer, 'invalid_client_metadata');
  });
});

describe('a client', () => {
  test('signs in, is known, syncs, refreshes and signs out', async () => {
    const attempt = new Attempt();
    const tokens = await attempt.signIn();
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: attempt.scope });
    const whoami = await ask('v3/account/whoami', tokens.access_token);
    expect(whoami.body).toMatchObject({ user_id: '@olive:localhost', device_id: attempt.deviceId });
    expect((await ask('v3/sync?timeout=0', tokens.access_token)).body).toHaveProperty('next_batch');
    const { body: device } = await ask(`v3/devices/${attempt.deviceId}`, tokens.access_token);
    expect(device).toMatchObject({ device_id: attempt.deviceId, display_name: 'Example <App>' });

    const next = await refreshed(tokens.refresh_token);
    expect((await ask('v3/account/whoami', next.access_token)).body).toMatchObject({
      device_id: attempt.deviceId,
    });
    expect(next.refresh_token).not.toBe(tokens.refresh_token);

    const revoked = await oauth.revocationRequest(server, client, oauth.None(), next.access_token, insecure);
    await oauth.processRevocationResponse(revoked);
    expect((await ask('v3/account/whoami', next.access_token)).body).toMatchObject({
      errcode: 'M_UNKNOWN_TOKEN',
    });
    await expectError(await refresh(next.refresh_token), 'invalid_grant');
    const again = await oauth.revocationRequest(server, client, oauth.None(), next.access_token, insecure);
    expect(again.status).toBe(200);
    const other = await new Attempt().signIn();
    const { body } = await ask('v3/devices', other.access_token);
    expect(JSON.stringify(body)).not.toContain(attempt.deviceId);
  });

  test('signs out by Matrix, too, and by its refresh token', async () => {
    const first = await new Attempt().signIn();
    expect((await ask('v3/logout', first.access_token, { method: 'POST' })).status).toBe(200);
    await expectError(await refresh(first.refresh_token), 'invalid_grant');
    const second = await new Attempt().signIn();
    await oauth.revocationRequest(server, client, oauth.None(), second.refresh_token ?? '', insecure);
    expect((await ask('v3/account/whoami', second.access_token)).status).toBe(401);
  });

  test('is answered in the fragment if it wants, and by the scopes that it knows', async () => {
    const attempt = new Attempt();
    const scope = `openid urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:${attempt.deviceId}`;
    const sent = await attempt.allow(new Browser(roost.url), { response_mode: 'fragment', scope });
    expect(sent.search).toBe('?kept=1');
    const answer = await attempt.exchange(new URLSearchParams(sent.hash.slice(1)));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer);
    expect(tokens.scope).toBe(scope.replace('openid ', ''));
  });

  test('takes a device over that is there, whose former session ends', async () => {
    const attempt = new Attempt();
    const first = await attempt.signIn();
    const second = await attempt.signIn();
    expect((await ask('v3/account/whoami', first.access_token)).status).toBe(401);
    expect((await ask('v3/account/whoami', second.access_token)).body).toMatchObject({
      device_id: attempt.deviceId,
    });
  });

  test('of a phone gets its answer by its own scheme, one of a desktop at the port it listens to', async () => {
    const saved = client;
    client = await registerClient({
      ...clientMetadata,
      application_type: 'native',
      redirect_uris: ['org.example.app:/', 'http://127.0.0.1/done'],
    });
    for (const target of ['org.example.app:/', 'http://127.0.0.1:49152/done']) {
      const attempt = new Attempt(target);
      const page = await loggedIn(attempt);
      const policy = page.page.headers.get('content-security-policy');
      expect(policy).toContain(
        target.startsWith('org') ? "'self' org.example.app:;" : "'self' http://127.0.0.1:49152;",
      );
      const sent = new URL(await decide(page.browser, page.page, 'allow'));
      expect(sent.href.startsWith(`${target}?code=`)).toBe(true);
      const tokens = await oauth.processAuthorizationCodeResponse(
        server,
        client,
        await attempt.exchange(sent),
      );
      expect(tokens.access_token).toMatch(/^roost_/);
    }
    client = saved;
  });
});

async function loggedIn(attempt: Attempt, username = 'olive'): Promise<{ browser: Browser; page: Page }> {
  const browser = new Browser(roost.url);
  const login = await browser.open(await attempt.url());
  return { browser, page: await browser.submit(login, { username, password }) };
}

async function decide(browser: Browser, page: Page, decision: string): Promise<string> {
  return (await browser.submit(page, { decision })).url;
}

describe('the pages', () => {
  test('name the app, where it leads to, and the account', async () => {
    const attempt = new Attempt();
    const { page } = await loggedIn(attempt);
    for (const text of [
      'Example &lt;App&gt;',
      'example.org',
      'app.example.org',
      '@olive:localhost',
      attempt.deviceId,
    ]) {
      expect(page.text).toContain(text);
    }
  });

  test('C9: are locked down', async () => {
    const browser = new Browser(roost.url);
    const login = await browser.open(await new Attempt().url({ login_hint: '"><script>' }));
    const registration = await browser.open('/oauth2/register');
    const consent = await browser.submit(login, { username: 'olive', password });
    const refusal = await browser.open('/oauth2/authorize?client_id=%3Cscript%3E');
    for (const page of [login, registration, consent, refusal]) {
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(page.text).not.toContain('<script');
      expect(page.text).toContain('<html lang="en">');
    }
  });

  test('ask an account that is logged in only for consent, and nobody whom they may not ask', async () => {
    const { browser } = await loggedIn(new Attempt());
    expect((await browser.open(await new Attempt().url({ prompt: 'consent' }))).text).toContain(
      '@olive:localhost',
    );
    const again = await browser.open(await new Attempt().url({ prompt: 'login' }));
    expect(again.url).toContain('/oauth2/login');
    const silent = await browser.open(await new Attempt().url({ prompt: 'none' }));
    expect(new URL(silent.url).searchParams.get('error')).toBe('login_required');
    const unknown = await browser.open(await new Attempt().url({ prompt: 'something' }));
    expect(unknown.text).toContain('@olive:localhost');
  });

  test('take a new person through registration to the app', async () => {
    const browser = new Browser(roost.url);
    const attempt = new Attempt();
    const form = await browser.open(await attempt.url({ prompt: 'create' }));
    expect(form.url).toContain('/oauth2/register');
    const person = { username: 'newcomer', password, repeated: password };
    const taken = await browser.submit(form, { ...person, username: 'olive' });
    expect(taken.text).toContain('role="alert"');
    const consent = await browser.submit(taken, person);
    expect(consent.text).toContain('@newcomer:localhost');
    const sent = new URL(await decide(browser, consent, 'allow'));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, await attempt.exchange(sent));
    expect((await ask('v3/account/whoami', tokens.access_token)).body).toMatchObject({
      user_id: '@newcomer:localhost',
    });
  });

  test('tell the client that the user does not want it', async () => {
    const attempt = new Attempt();
    const { browser, page } = await loggedIn(attempt);
    const sent = new URL(await decide(browser, page, 'deny'));
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      error: 'access_denied',
      state: attempt.state,
      iss: server.issuer,
      kept: '1',
    });
  });

  test('let nobody in with a wrong password, and say so in the form', async () => {
    const browser = new Browser(roost.url);
    const login = await browser.open(await new Attempt().url({ login_hint: 'mxid:@olive:localhost' }));
    expect(login.forms[0]?.fields.username).toBe('@olive:localhost');
    const wrong = await browser.submit(login, { password: 'wrong' });
    expect(wrong.status).toBe(403);
    expect(wrong.text).toContain('role="alert"');
    expect(wrong.forms[0]?.fields.username).toBe('@olive:localhost');
    expect((await browser.submit(wrong, { password })).text).toContain('Let Example');
  });
});

describe('the account page', () => {
  async function account(username: string, path = '/account') {
    const browser = new Browser(roost.url);
    const login = await browser.open(path);
    return { browser, page: await browser.submit(login, { username, password }) };
  }
  const setUp = async (username: string) => {
    await register(roost.url, username, password);
    const attempt = new Attempt();
    const { browser, page } = await loggedIn(attempt, username);
    const sent = new URL(await decide(browser, page, 'allow'));
    const answer = await attempt.exchange(sent);
    return { attempt, tokens: await oauth.processAuthorizationCodeResponse(server, client, answer) };
  };

  test('is found by the metadata, for the actions that clients know', async () => {
    expect(server.account_management_uri).toBe(`${roost.url}/account`);
    for (const action of ['profile', 'devices_list', 'device_delete', 'session_end', 'cross_signing_reset']) {
      expect(server.account_management_actions_supported).toContain(`org.matrix.${action}`);
    }
  });

  test('signs a device out', async () => {
    const { attempt, tokens } = await setUp('account-devices');
    for (const action of ['org.matrix.device_delete', 'org.matrix.session_end', 'device_view']) {
      const path = `/account?action=${action}&device_id=${attempt.deviceId}`;
      expect((await account('account-devices', path)).page.text).toContain('Sign this device out?');
    }
    const { browser, page } = await account('account-devices', '/account?action=unknown');
    const link = page.links.find((href) => href.includes(`device_id=${attempt.deviceId}`)) ?? '';
    const after = await browser.submit(await browser.open(link), {});
    expect(after.text).not.toContain(attempt.deviceId);
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(401);
    await expectError(await refresh(tokens.refresh_token), 'invalid_grant');
  });

  test('sets the name, and logs out', async () => {
    const { tokens } = await setUp('account-name');
    const { browser, page } = await account('account-name');
    const named = await browser.submit(page, { display_name: 'New <Name>' });
    expect(named.text).toContain('New &lt;Name&gt;');
    const profile = await ask('v3/profile/@account-name:localhost/displayname', tokens.access_token);
    expect(profile.body).toEqual({ displayname: 'New <Name>' });
    const cookie = browser.cookies.get('roost-login') ?? '';
    await browser.submit(named, {}, 1);
    const again = await fetch(`${roost.url}/account`, { headers: { cookie: `roost-login=${cookie}` } });
    expect(again.url).toContain('/oauth2/login');
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(200);
  });

  test('lets the keys of an identity be replaced, for a time, by who knows the password', async () => {
    const { tokens } = await setUp('account-reset');
    const upload = async (key: string) => {
      const answer = await fetch(`${roost.url}/_matrix/client/v3/keys/device_signing/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.access_token}` },
        body: JSON.stringify({
          master_key: {
            user_id: '@account-reset:localhost',
            usage: ['master'],
            keys: { [`ed25519:${key}`]: key },
          },
        }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect((await upload('A'.repeat(43))).status).toBe(200);
    const refused = await upload('E'.repeat(43));
    expect(refused.status).toBe(401);
    const url = `${roost.url}/account?action=org.matrix.cross_signing_reset`;
    expect(refused.body).toMatchObject({
      flows: [{ stages: ['m.oauth'] }, { stages: ['org.matrix.cross_signing_reset'] }],
      params: { 'm.oauth': { url }, 'org.matrix.cross_signing_reset': { url } },
    });
    const { browser, page } = await account('account-reset', url);
    const wrong = await browser.submit(page, { password: 'wrong' });
    expect(wrong.text).toContain('role="alert"');
    expect((await upload('E'.repeat(43))).status).toBe(401);
    await browser.submit(wrong, { password });
    expect((await upload('E'.repeat(43))).status).toBe(200);
    expect((await upload('I'.repeat(43))).status).toBe(401);
  });

  test('is the only place for what a client of OAuth may not do', async () => {
    const { attempt, tokens } = await setUp('account-uia');
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    for (const [method, path] of [
      ['DELETE', `v3/devices/${attempt.deviceId}`],
      ['POST', 'v3/account/deactivate'],
      ['POST', 'v3/account/password'],
    ] as const) {
      const auth = { type: 'm.login.password', user: 'account-uia', password };
      const body = JSON.stringify({ auth, new_password: 'another password' });
      const answer = await fetch(`${roost.url}/_matrix/client/${path}`, { method, headers, body });
      expect(await answer.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
      expect(answer.status).toBe(404);
    }
  });

  test('C10: deactivates, and all ends at once', async () => {
    const { tokens } = await setUp('account-end');
    const attempt = new Attempt();
    const pending = await loggedIn(attempt, 'account-end');
    const code = new URL(await decide(pending.browser, pending.page, 'allow'));
    const { browser, page } = await account('account-end', '/account?action=org.matrix.account_deactivate');
    await browser.submit(await browser.submit(page, { password: 'wrong' }), { password });
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(401);
    await expectError(await refresh(tokens.refresh_token), 'invalid_grant');
    await expectError(await attempt.exchange(code), 'invalid_grant');
    expect((await pending.browser.open('/account')).url).toContain('/oauth2/login');
    const again = await account('account-end');
    expect(again.page.status).toBe(403);
  });
});

describe('a device without a browser', () => {
  let tv: oauth.Client;
  beforeAll(async () => {
    tv = await registerClient({
      ...clientMetadata,
      client_name: 'Example TV',
      grant_types: [...clientMetadata.grant_types, 'urn:ietf:params:oauth:grant-type:device_code'],
    });
  });

  async function start() {
    const { scope, deviceId } = new Attempt();
    const parameters = new URLSearchParams({ scope });
    const answer = await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), parameters, insecure);
    return { deviceId, codes: await oauth.processDeviceAuthorizationResponse(server, tv, answer) };
  }
  const poll = (deviceCode: string, of: oauth.Client = tv) =>
    oauth.deviceCodeGrantRequest(server, of, oauth.None(), deviceCode, insecure);
  async function openLink(url: string) {
    const browser = new Browser(roost.url);
    return { browser, page: await browser.submit(await browser.open(url), { username: 'olive', password }) };
  }

  test('is let in by the code that it shows, once', async () => {
    const { deviceId, codes } = await start();
    expect(codes).toMatchObject({ verification_uri: `${roost.url}/link`, expires_in: 600, interval: 5 });
    expect(codes.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    await expectError(await poll(codes.device_code), 'authorization_pending');
    await expectError(await poll(codes.device_code), 'slow_down');
    await expectError(await poll(codes.device_code, client), 'invalid_grant');
    await expectError(await poll('made-up'), 'invalid_grant');

    const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
    for (const text of ['Example TV', 'example.org', '@olive:localhost', codes.user_code, deviceId]) {
      expect(page.text).toContain(text);
    }
    expect((await browser.submit(page, { decision: 'allow', form_token: 'x' })).status).toBe(403);
    expect((await browser.submit(page, { decision: 'allow' })).text).toContain('The device is linked');
    expect((await browser.submit(page, { decision: 'allow' })).status).toBe(404);

    const answers = await Promise.all(Array.from({ length: 6 }, () => poll(codes.device_code)));
    const granted = answers.filter(({ status }) => status === 200);
    expect(granted).toHaveLength(1);
    const tokens = await oauth.processDeviceCodeResponse(server, tv, granted[0] as Response);
    const whoami = await ask('v3/account/whoami', tokens.access_token);
    expect(whoami.body).toMatchObject({ user_id: '@olive:localhost', device_id: deviceId });
    const next = await oauth.refreshTokenGrantRequest(
      server,
      tv,
      oauth.None(),
      tokens.refresh_token ?? '',
      insecure,
    );
    expect(next.status).toBe(200);
    await expectError(await poll(codes.device_code), 'invalid_grant');
  });

  test('is let in by a code that is typed as people type', async () => {
    const { codes } = await start();
    const { browser, page } = await openLink(codes.verification_uri);
    const wrong = await browser.open('/link?code=BBBB-BBBB');
    expect(wrong.text).toContain('role="alert"');
    const typed = codes.user_code.toLowerCase().replace('-', ' ');
    expect(page.forms[0]).toMatchObject({ action: '/link', method: 'get' });
    const found = await browser.open(`/link?${new URLSearchParams({ code: typed })}`);
    await browser.submit(found, { decision: 'allow' });
    expect((await poll(codes.device_code)).status).toBe(200);
  });

  test('is told that it is not let in', async () => {
    const { codes } = await start();
    const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
    await browser.submit(page, { decision: 'deny' });
    await expectError(await poll(codes.device_code), 'access_denied');
  });

  test('is one of a client that registered for it, and names itself', async () => {
    const parameters = new URLSearchParams({ scope: new Attempt().scope });
    const other = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), parameters, insecure);
    await expectError(other, 'unauthorized_client');
    const none = new URLSearchParams({ scope: 'openid' });
    await expectError(
      await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), none, insecure),
      'invalid_scope',
    );
    const unknown = { client_id: 'unknown' };
    const refused = await oauth.deviceAuthorizationRequest(
      server,
      unknown,
      oauth.None(),
      parameters,
      insecure,
    );
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: 'invalid_client' });
  });
});

describe('O1: a redirect URI', () => {
  test.each([
    'https://app.example.org/callback',
    'https://app.example.org/callback?kept=1&more=1',
    'https://app.example.org/callback?kept=1#x',
    'https://app.example.org:443/',
    'https://app.example.org.evil.example/',
    'https://user@app.example.org/',
    'HTTPS://app.example.org/',
    'https://evil.example/',
    'javascript:alert(1)',
    '',
  ])('that was not registered (%s) is gone to by nobody', async (target) => {
    const { browser } = await loggedIn(new Attempt());
    for (const changes of [{}, { prompt: 'none' }, { code_challenge: undefined }]) {
      const page = await browser.open(await new Attempt(target).url(changes));
      expect(page.status).toBe(400);
      expect(page.forms).toEqual([]);
    }
  });

  test('is checked again with the consent', async () => {
    const { browser, page } = await loggedIn(new Attempt());
    const [form] = page.forms;
    const request = form?.fields.request?.replace('app.example.org', 'evil.example') ?? '';
    const sent = await browser.submit(page, { decision: 'allow', request });
    expect(sent.status).toBe(400);
  });
});

describe('O2: a code', () => {
  test.each([
    [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_mode: 'form_post' }, 'invalid_request'],
    [{ scope: 'openid' }, 'invalid_scope'],
    [{ request: 'eyJ' }, 'invalid_request'],
  ])('is not given for %j', async (changes, error) => {
    const { browser } = await loggedIn(new Attempt());
    const sent = new URL((await browser.open(await new Attempt().url(changes))).url);
    expect(sent.host).toBe('app.example.org');
    expect(sent.searchParams.get('error')).toBe(error);
    expect(sent.searchParams.get('iss')).toBe(server.issuer);
  });

  test('needs its verifier and its redirect URI', async () => {
    const attempt = new Attempt();
    const sent = await attempt.allow(new Browser(roost.url));
    const wrong = oauth.generateRandomCodeVerifier();
    await expectError(await attempt.exchange(sent, { code_verifier: wrong }), 'invalid_grant');
    await expectError(
      await attempt.exchange(sent, { redirect_uri: 'https://app.example.org/' }),
      'invalid_grant',
    );
    expect((await attempt.exchange(sent)).status).toBe(200);
  });

  test('is of its client', async () => {
    const attempt = new Attempt();
    const sent = await attempt.allow(new Browser(roost.url));
    const other = await registerClient({ ...clientMetadata, client_name: 'Another' });
    const parameters = oauth.validateAuthResponse(server, client, sent, attempt.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      other,
      oauth.None(),
      parameters,
      attempt.redirectUri,
      attempt.verifier,
      insecure,
    );
    await expectError(answer, 'invalid_grant');
  });

  test('that comes twice ends its session, also at once', async () => {
    const attempt = new Attempt();
    const sent = await attempt.allow(new Browser(roost.url));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, await attempt.exchange(sent));
    await expectError(await attempt.exchange(sent), 'invalid_grant');
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(401);
    await expectError(await refresh(tokens.refresh_token), 'invalid_grant');

    const second = new Attempt();
    const parallel = await second.allow(new Browser(roost.url));
    const answers = await Promise.all(Array.from({ length: 8 }, () => second.exchange(parallel)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [winner] = answers.filter(({ status }) => status === 200);
    const body = (await winner?.json()) as oauth.TokenEndpointResponse;
    expect((await ask('v3/account/whoami', body.access_token)).status).toBe(401);
  });

  test('is no token, nor is a refresh token or a cookie one', async () => {
    const attempt = new Attempt();
    const browser = new Browser(roost.url);
    const sent = await attempt.allow(browser);
    const cookie = browser.cookies.get('roost-login') ?? '';
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, await attempt.exchange(sent));
    for (const token of [sent.searchParams.get('code') ?? '', tokens.refresh_token ?? '', cookie]) {
      expect(token).toMatch(/^roost/);
      expect((await ask('v3/account/whoami', token)).status).toBe(401);
    }
    await expectError(await refresh(tokens.access_token), 'invalid_grant');
  });
});

describe('O3: a refresh token', () => {
  test('goes on after a lost answer, and ends the family when it comes after its successor', async () => {
    const attempt = new Attempt();
    const first = await attempt.signIn();
    await refreshed(first.refresh_token);
    const second = await refreshed(first.refresh_token);
    expect((await ask('v3/account/whoami', second.access_token)).status).toBe(200);
    await expectError(await refresh(first.refresh_token), 'invalid_grant');
    expect((await ask('v3/account/whoami', second.access_token)).status).toBe(401);
    await expectError(await refresh(second.refresh_token), 'invalid_grant');
    const { body } = await ask('v3/devices', (await new Attempt().signIn()).access_token);
    expect(JSON.stringify(body)).not.toContain(attempt.deviceId);
  });

  test('is of its client, and not for /refresh', async () => {
    const tokens = await new Attempt().signIn();
    const form = {
      grant_type: 'refresh_token',
      client_id: 'other',
      refresh_token: tokens.refresh_token ?? '',
    };
    const other = await fetch(server.token_endpoint ?? '', {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    await expectError(other, 'invalid_grant');
    const legacy = await fetch(`${roost.url}/_matrix/client/v3/refresh`, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: tokens.refresh_token }),
    });
    expect(legacy.status).toBe(401);
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(200);
  });
});

describe('O4: answers', () => {
  test('of another issuer are noticed by the client', async () => {
    const attempt = new Attempt();
    const sent = await attempt.allow(new Browser(roost.url));
    expect(sent.searchParams.get('iss')).toBe(server.issuer);
    const other = { ...server, issuer: 'https://evil.example/' };
    expect(() => oauth.validateAuthResponse(other, client, sent, attempt.state)).toThrow(/issuer|iss/);
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/account/../../x',
    '/oauth2/token',
  ])('of the login lead to no other place than our pages (%s)', async (next) => {
    const browser = new Browser(roost.url);
    const login = await browser.open(`/oauth2/login?${new URLSearchParams({ next })}`);
    expect(login.forms[0]?.fields.next).toBe('/account');
    const answer = await browser.submit(login, { username: 'olive', password, next });
    expect(answer.url).toBe(`${roost.url}/account`);
  });
});

describe('forms of other sites', () => {
  test('allow nothing: without the token, with that of another browser or another login', async () => {
    const { browser, page } = await loggedIn(new Attempt());
    const mallory = await loggedIn(new Attempt(), 'mallory');
    const stolen = mallory.page.forms[0]?.fields.form_token ?? '';
    for (const token of ['', 'x', stolen]) {
      const answer = await browser.submit(page, { decision: 'allow', form_token: token });
      expect(answer.status).toBe(403);
    }
    const login = await browser.open('/oauth2/login');
    await browser.submit(login, { username: 'mallory', password });
    expect((await browser.submit(page, { decision: 'allow' })).status).toBe(403);
  });

  test('log nobody in', async () => {
    const browser = new Browser(roost.url);
    const body = new URLSearchParams({ username: 'mallory', password, next: '/account' });
    const answer = await browser.open('/oauth2/login', { method: 'POST', body });
    expect(answer.status).toBe(403);
    expect(browser.cookies.has('roost-login')).toBe(false);
    const { page, browser: own } = await loggedIn(new Attempt());
    const { action = '', fields = {} } = page.forms[0] ?? {};
    const headers = { 'sec-fetch-site': 'cross-site' };
    const form = new URLSearchParams({ ...fields, decision: 'allow' });
    expect((await own.open(action, { method: 'POST', body: form, headers })).status).toBe(403);
  });
});

test('O6: cookies are out of reach of scripts and other sites, and nothing secret is logged', async () => {
  const answer = await fetch(await new Attempt().url());
  const login = await fetch(answer.url, { redirect: 'manual' });
  for (const cookie of login.headers.getSetCookie()) {
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
  }
  expect(login.headers.getSetCookie()).toHaveLength(1);
  const attempt = new Attempt();
  const browser = new Browser(roost.url);
  const sent = await attempt.allow(browser);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, await attempt.exchange(sent));
  const secrets = [
    sent.searchParams.get('code'),
    tokens.access_token,
    tokens.refresh_token,
    ...browser.cookies.values(),
    attempt.verifier,
    password,
  ];
  const log = roost.logLines.join('\n');
  for (const secret of secrets) expect(log).not.toContain(secret);
});
