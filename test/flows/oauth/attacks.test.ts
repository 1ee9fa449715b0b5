import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import {
  Attempt,
  ask,
  client,
  clientMetadata,
  expectError,
  insecure,
  loggedIn,
  password,
  refresh,
  refreshed,
  registerClient,
  roost,
  server,
  useRoost,
} from './world.ts';

useRoost();

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
