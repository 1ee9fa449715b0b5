import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../harness/browser.ts';
import { OauthApp } from '../harness/oauth-app.ts';
import { goThrough } from '../harness/oauth-browser.ts';
import { Roost } from '../harness/roost.ts';
import { Person } from './lib/attacker.ts';

/** O6: no more than was allowed, no device but one's own, and tokens stand where nobody reads them. */
const password = 'a long password';
const olive = { username: 'olive', password };
const mallory = { username: 'mallory', password };
let roost: Roost;
let app: OauthApp;
let person: Person;

beforeAll(async () => {
  roost = await Roost.start({ serverName: 'roost.test' });
  person = await Person.register(roost.url, olive.username);
  await Person.register(roost.url, mallory.username);
  app = await OauthApp.register(roost.url);
}, 60_000);
afterAll(() => roost?.stopAndRemove());

test('O6: a wider scope is not had by asking, by changing the form, or by refreshing', async () => {
  const signIn = app.signIn();
  const admin = 'urn:synapse:admin:*';
  const sent = await signIn.allow(olive, { scope: `${signIn.scope} ${admin} openid *` });
  const answer = await signIn.exchange(sent);
  const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, answer);
  expect(tokens.scope).toBe(signIn.scope);
  const form = { client_id: app.client.client_id, refresh_token: tokens.refresh_token };
  for (const scope of [admin, `${signIn.scope} ${admin}`, 'urn:matrix:client:device:OTHER', '*']) {
    const wider = await app.post('token', { ...form, grant_type: 'refresh_token', scope });
    expect(await wider.json()).toMatchObject({ error: 'invalid_scope' });
  }
  const users = await fetch(`${roost.url}/_synapse/admin/v2/users`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  expect(users.status).toBe(403);
  expect((await app.refreshed(tokens.refresh_token)).scope).toBe(signIn.scope);
});

test('O6: a scope at the exchange changes nothing', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const scope = 'urn:matrix:client:api:* urn:matrix:client:device:OTHER urn:synapse:admin:*';
  const tokens = await (await app.post('token', { ...form, scope })).json();
  expect(tokens).toMatchObject({ scope: signIn.scope });
});

test('O6: the device of somebody else is not taken over by its name', async () => {
  const signIn = app.signIn();
  const scope = `urn:matrix:client:api:* urn:matrix:client:device:${person.deviceId}`;
  const answer = await signIn.exchange(await signIn.allow(mallory, { scope }));
  const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, answer);
  expect((await app.whoami(tokens.access_token)).body).toMatchObject({ user_id: '@mallory:roost.test' });
  expect((await app.whoami(person.accessToken)).body).toMatchObject({
    user_id: person.userId,
    device_id: person.deviceId,
  });
});

test('O6: a device of one’s own that is taken over loses its keys and its tokens to nobody', async () => {
  const phone = await person.logIn();
  await phone.ok('POST', '/v3/keys/upload', { one_time_keys: {} });
  const signIn = app.signIn();
  const scope = `urn:matrix:client:api:* urn:matrix:client:device:${phone.deviceId}`;
  // The page says which device it will be.
  const page = await signIn.browser.open(await signIn.url({ scope }));
  const index = page.forms.findIndex(({ fields }) => 'password' in fields);
  const consent = await signIn.browser.submit(page, { ...olive }, index);
  expect(consent.text).toContain(phone.deviceId);
  const sent = await signIn.allow(olive, { scope });
  expect((await app.whoami(phone.accessToken)).status).toBe(200);
  const answer = await signIn.exchange(sent);
  expect(answer.status).toBe(200);
  expect((await app.whoami(phone.accessToken)).status).toBe(401);
});

test('O6: a token in an address or a body is none', async () => {
  const { access_token: token } = await app.signIn().tokens(olive);
  const whoami = `${roost.url}/_matrix/client/v3/account/whoami`;
  expect((await fetch(`${whoami}?access_token=${token}`)).status).toBe(401);
  for (const path of ['revocation', 'introspection'] as const) {
    const inAddress = `${app.server[`${path}_endpoint`]}?token=${token}`;
    expect((await fetch(inAddress, { method: 'POST' })).status).toBeGreaterThanOrEqual(400);
  }
  expect((await app.whoami(token)).status).toBe(200);
});

test('O6, R15: whose a token is learns only who has the secret of a service', async () => {
  const { access_token: token } = await app.signIn().tokens(olive);
  const { adminToken } = roost.identity();
  const ask = async (authorization: string, shown: string) => {
    const answer = await app.post('introspection', { token: shown }, { authorization });
    return { status: answer.status, body: await answer.json() };
  };
  expect((await ask(`Bearer ${adminToken}`, token)).body).toMatchObject({ active: true, sub: person.userId });
  for (const shown of [
    'a.b.c',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvbGl2ZSJ9.',
    `${token}x`,
    token.replace('roost_', 'roostr_'),
  ]) {
    expect((await ask(`Bearer ${adminToken}`, shown)).body).toEqual({ active: false });
  }
  for (const authorization of ['', `Bearer ${token}`, 'Bearer x', `Basic ${btoa('owner:x')}`]) {
    expect((await ask(authorization, token)).status).toBe(401);
  }
});

test('O6: pages send no referrer, are kept nowhere, and name no token', async () => {
  const signIn = app.signIn();
  const pages = [
    await signIn.browser.open(await signIn.url()),
    await goThrough(signIn.browser, `${roost.url}/account`, olive),
    await signIn.browser.open(await signIn.url()),
    await signIn.browser.open('/link'),
  ];
  const login = signIn.browser.cookies.get('roost-login') ?? '';
  expect(login).not.toBe('');
  for (const page of pages) {
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.text).not.toContain(login);
  }
  const sent = await fetch(await signIn.url({ prompt: 'none' }), { redirect: 'manual' });
  expect(sent.headers.get('referrer-policy')).toBe('no-referrer');
});

test('O6: cookies are out of reach of scripts and other sites', async () => {
  const login = await fetch(`${roost.url}/oauth2/login`);
  const browser = new Browser(roost.url);
  await goThrough(browser, `${roost.url}/account`, olive);
  const set = login.headers.getSetCookie();
  expect(set).toHaveLength(1);
  for (const cookie of set) {
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).toContain('Path=/');
  }
});

test('O6: nothing secret is logged', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const tokens = (await (await app.post('token', form)).json()) as oauth.TokenEndpointResponse;
  const next = await app.refreshed(tokens.refresh_token);
  await app.post('token', form);
  await app.post('introspection', { token: next.access_token });
  const codes = (await (
    await app.post('device_authorization', { client_id: app.client.client_id, scope: signIn.scope })
  ).json()) as Record<string, string>;
  await signIn.browser.open(`/link?code=${codes.user_code}`);
  await app.revoke(next.access_token);
  const secrets = [
    ...[form.code, tokens.access_token, tokens.refresh_token, next.access_token, next.refresh_token],
    ...[codes.device_code, codes.user_code, signIn.verifier, signIn.state, password],
    ...signIn.browser.cookies.values(),
  ];
  const log = roost.logLines.join('\n');
  expect(log).toContain('"operation":"oauthToken"');
  for (const secret of secrets) {
    expect(secret?.length).toBeGreaterThan(7);
    expect(log).not.toContain(secret);
  }
});
