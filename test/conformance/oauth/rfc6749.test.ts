import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import { redirectUri } from '../../harness/oauth-app.ts';
import { test } from '../lib/conformance-test.ts';
import { anotherApp, expectError, expectPage, provider, refusalOf } from './lib/provider.ts';

/** RFC 6749: the authorization framework, as far as Matrix takes it: authorization code and refresh token. */

test('RFC 6749, 3.1: the authorization endpoint takes GET and POST', async () => {
  const { app } = await provider();
  const [endpoint, query] = (await app.signIn().url()).split('?') as [string, string];
  for (const page of [
    await new Browser(app.url).open(`${endpoint}?${query}`),
    await new Browser(app.url).open(endpoint, { method: 'POST', body: new URLSearchParams(query) }),
  ]) {
    expect(page.status).toBe(200);
    expect(page.forms.length).toBeGreaterThan(0);
  }
});

test('RFC 6749, 3.1: unknown parameters are passed over, those without a value are as if left out', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const changes = { unknown: 'x', response_mode: '', prompt: '', request: '' };
  const sent = await signIn.allow(account, changes);
  expect((await signIn.exchange(sent)).status).toBe(200);
  const withoutState = await app.signIn().allow(account, { state: '' });
  expect(withoutState.searchParams.has('state')).toBe(false);
});

test('RFC 6749, 3.1: a repeated parameter is an invalid request', async () => {
  const { app } = await provider();
  for (const name of ['scope', 'state', 'code_challenge', 'response_type']) {
    expect((await refusalOf(`${await app.signIn().url()}&${name}=x`)).get('error')).toBe('invalid_request');
  }
});

test('RFC 6749, 3.1.1: a missing or unknown response type is refused', async () => {
  const { app } = await provider();
  const missing = await refusalOf(await app.signIn().url({ response_type: undefined }));
  expect(missing.get('error')).toBe('invalid_request');
  for (const type of ['token', 'id_token', 'code token', 'codes']) {
    const refused = await refusalOf(await app.signIn().url({ response_type: type }));
    expect(refused.get('error')).toBe('unsupported_response_type');
  }
});

test('RFC 6749, 3.1.2: a redirect URI is absolute and has no fragment', async () => {
  await provider();
  for (const uri of ['/callback', 'https://app.example.org/#x', 'callback', '//app.example.org/']) {
    await expect(anotherApp({ redirect_uris: [uri] })).rejects.toThrow();
  }
});

test('RFC 6749, 3.1.2.4: nobody is sent to a redirect URI that is not the client’s, nor for an unknown client', async () => {
  const { app } = await provider();
  for (const changes of [
    { redirect_uri: 'https://evil.example/' },
    { redirect_uri: undefined },
    { client_id: 'unknown' },
    { client_id: undefined },
  ]) {
    await expectPage(await app.signIn().url(changes));
    await expectPage(await app.signIn().url({ ...changes, response_type: 'token' }));
  }
});

test('RFC 6749, 3.2: the token endpoint takes POST alone, and nothing from its address', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(account));
  const inAddress = `${app.server.token_endpoint}?${new URLSearchParams(form)}`;
  expect((await fetch(inAddress)).status).toBe(405);
  await expectError(await fetch(inAddress, { method: 'POST' }), 'invalid_request');
  await expectError(await app.post('token', JSON.stringify(form)), 'invalid_request');
  const json = await app.post('token', JSON.stringify(form), { 'content-type': 'application/json' });
  await expectError(json, 'invalid_request');
  expect((await app.post('token', form)).status).toBe(200);
});

test('RFC 6749, 3.2: a repeated or missing parameter at the token endpoint is an invalid request', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(account));
  const twice = `${new URLSearchParams(form)}&client_id=${form.client_id}`;
  await expectError(await app.post('token', twice), 'invalid_request');
  for (const name of Object.keys(form)) {
    await expectError(await app.post('token', { ...form, [name]: undefined }), 'invalid_request');
    await expectError(await app.post('token', { ...form, [name]: '' }), 'invalid_request');
  }
});

test('RFC 6749, 3.3: the scope that was granted is told where it is another than was asked for', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const answer = await signIn.exchange(await signIn.allow(account, { scope: `openid ${signIn.scope} x:y` }));
  const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, answer);
  expect(tokens.scope).toBe(signIn.scope);
});

test('RFC 6749, 4.1.2: the state comes back exactly as it was sent', async () => {
  const { app, account } = await provider();
  for (const state of ['a b+c%20&d=é', '{"x":"<y>"}']) {
    const sent = await app.signIn().allow(account, { state });
    expect(sent.searchParams.get('state')).toBe(state);
    expect((await refusalOf(await app.signIn().url({ state, scope: 'x' }))).get('state')).toBe(state);
  }
});

test('RFC 6749, 4.1.2: the redirect URI keeps its own query', async () => {
  const { app, account } = await provider();
  const sent = await app.signIn().allow(account);
  expect(sent.href.startsWith(`${redirectUri}&`)).toBe(true);
});

test('RFC 6749, 4.1.2: a code that is used twice is refused, and its tokens end', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const sent = await signIn.allow(account);
  const first = await signIn.exchange(sent);
  const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, first);
  await expectError(await signIn.exchange(sent), 'invalid_grant');
  expect((await app.whoami(tokens.access_token)).status).toBe(401);
  await expectError(await app.refresh(tokens.refresh_token), 'invalid_grant');
});

test('RFC 6749, 4.1.2: of many who use a code at once, no two get tokens', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const sent = await signIn.allow(account);
  const answers = await Promise.all(Array.from({ length: 6 }, () => signIn.exchange(sent)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('RFC 6749, 4.1.2.1: a user who refuses is told to the client', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const login = await signIn.browser.open(await signIn.url());
  const index = login.forms.findIndex(({ fields }) => 'password' in fields);
  const consent = await signIn.browser.submit(login, { ...account }, index);
  const sent = new URL((await signIn.browser.submit(consent, { decision: 'deny' })).url);
  expect(() => oauth.validateAuthResponse(app.server, app.client, sent, signIn.state)).toThrow();
  expect(sent.searchParams.get('error')).toBe('access_denied');
  expect(sent.searchParams.has('code')).toBe(false);
});

test('RFC 6749, 4.1.2.1: a scope that means nothing here is refused', async () => {
  const { app } = await provider();
  for (const scope of [undefined, '', 'openid', 'urn:matrix:client:api:*', 'urn:matrix:client:device:ABC']) {
    expect((await refusalOf(await app.signIn().url({ scope }))).get('error')).toBe('invalid_scope');
  }
});

test('RFC 6749, 4.1.2.1: a client that did not register for the grant is refused', async () => {
  const { app } = await provider();
  const other = await anotherApp({ grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] });
  const url = await app.signIn().url({ client_id: other.client.client_id });
  expect((await refusalOf(url)).get('error')).toBe('unauthorized_client');
});

test('RFC 6749, 4.1.3: a code is for the client and the redirect URI that it was given for', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(account));
  const other = await anotherApp();
  for (const changes of [
    { client_id: other.client.client_id },
    { client_id: 'unknown' },
    { redirect_uri: 'https://app.example.org/' },
    { redirect_uri: 'https://app.example.org/callback' },
    { code: `${form.code}x` },
    { code: 'made-up' },
  ]) {
    await expectError(await app.post('token', { ...form, ...changes }), 'invalid_grant');
  }
  expect((await app.post('token', form)).status).toBe(200);
});

test('RFC 6749, 4.1.4: tokens are JSON that is kept nowhere', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const answer = await signIn.exchange(await signIn.allow(account));
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('pragma')).toBe('no-cache');
  const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, answer);
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: expect.any(Number) });
  expect((await app.whoami(tokens.access_token)).body).toMatchObject({ device_id: signIn.deviceId });
});

test('RFC 6749, 5.2: grants that are not offered are refused, those of passwords among them', async () => {
  const { app, account } = await provider();
  const { client_id } = app.client;
  for (const grant of [
    'password',
    'client_credentials',
    'implicit',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ]) {
    const form = { grant_type: grant, client_id, ...account, scope: app.signIn().scope };
    await expectError(await app.post('token', form), 'unsupported_grant_type');
  }
  await expectError(await app.post('token', { client_id }), 'invalid_request');
});

test('RFC 6749, 6: a refresh token gives new tokens, to its client alone', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const tokens = await signIn.tokens(account);
  const other = await anotherApp();
  await expectError(await other.refresh(tokens.refresh_token), 'invalid_grant');
  await expectError(await app.refresh(tokens.access_token), 'invalid_grant');
  await expectError(await app.refresh('made-up'), 'invalid_grant');
  const next = await app.refreshed(tokens.refresh_token);
  expect(next.access_token).not.toBe(tokens.access_token);
  expect((await app.whoami(next.access_token)).body).toMatchObject({ device_id: signIn.deviceId });
});

test('RFC 6749, 6: no more can be asked for by refreshing than was granted', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const tokens = await signIn.tokens(account);
  const form = {
    grant_type: 'refresh_token',
    client_id: app.client.client_id,
    refresh_token: tokens.refresh_token,
  };
  for (const scope of ['urn:synapse:admin:*', `${signIn.scope} x`, 'urn:matrix:client:device:OTHER']) {
    await expectError(await app.post('token', { ...form, scope }), 'invalid_scope');
  }
  const same = await app.post('token', { ...form, scope: signIn.scope });
  expect(await same.json()).toMatchObject({ scope: signIn.scope });
});

test('RFC 6749, 10.12 and 10.13: pages are shown in no frame, and take no form of another site', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const login = await signIn.browser.open(await signIn.url());
  expect(login.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(login.headers.get('x-frame-options')).toBe('DENY');
  const index = login.forms.findIndex(({ fields }) => 'password' in fields);
  const consent = await signIn.browser.submit(login, { ...account }, index);
  const [form] = consent.forms;
  const body = () => new URLSearchParams({ ...form?.fields, decision: 'allow' });
  const headers = { 'sec-fetch-site': 'cross-site' };
  const forged = await signIn.browser.open(form?.action ?? '', { method: 'POST', body: body(), headers });
  expect(forged.status).toBe(403);
  const elsewhere = await new Browser(app.url).open(form?.action ?? '', { method: 'POST', body: body() });
  expect(elsewhere.status).toBe(403);
});
