import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { Browser, type Page } from '../../harness/browser.ts';
import { deviceCodeGrant, insecure, type OauthApp } from '../../harness/oauth-app.ts';
import { test } from '../lib/conformance-test.ts';
import { anotherApp, expectError, provider } from './lib/provider.ts';

/** RFC 8628: device authorization. The user types a code, or follows it, on another device. */

async function start(app: OauthApp) {
  const parameters = new URLSearchParams({ scope: app.signIn().scope });
  const { server, client } = app;
  const answer = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), parameters, insecure);
  return oauth.processDeviceAuthorizationResponse(server, client, answer);
}

function poll({ server, client }: OauthApp, deviceCode: string): Promise<Response> {
  return oauth.deviceCodeGrantRequest(server, client, oauth.None(), deviceCode, insecure);
}

async function openLink(url: string): Promise<{ browser: Browser; page: Page }> {
  const { app, account } = await provider();
  const browser = new Browser(app.url);
  const login = await browser.open(url);
  const index = login.forms.findIndex(({ fields }) => 'password' in fields);
  return { browser, page: await browser.submit(login, { ...account }, index) };
}

test('RFC 8628, 3.1: the client names itself, and has registered for the grant', async () => {
  const { app } = await provider();
  const other = await anotherApp({ grant_types: ['authorization_code'] });
  const { scope } = app.signIn();
  await expectError(await app.post('device_authorization', { scope }), 'invalid_request');
  await expectError(
    await app.post('device_authorization', { scope, client_id: 'unknown' }),
    'invalid_client',
    401,
  );
  const { client_id } = other.client;
  await expectError(await app.post('device_authorization', { scope, client_id }), 'unauthorized_client');
});

test('RFC 8628, 3.1: a scope that means nothing here is refused', async () => {
  const { app } = await provider();
  for (const scope of [undefined, 'openid']) {
    const form = { scope, client_id: app.client.client_id };
    await expectError(await app.post('device_authorization', form), 'invalid_scope');
  }
});

test('RFC 8628, 3.2: the codes come with where to go, how long, and how often to ask', async () => {
  const { app } = await provider();
  const codes = await start(app);
  expect(codes).toMatchObject({ expires_in: expect.any(Number), interval: expect.any(Number) });
  expect(codes.verification_uri_complete).toContain(codes.user_code);
  expect(codes.expires_in).toBeGreaterThanOrEqual(codes.interval ?? 5);
  const form = { scope: app.signIn().scope, client_id: app.client.client_id };
  const answer = await app.post('device_authorization', form);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('RFC 8628, 3.3: nothing is let in before the user has said so', async () => {
  const { app } = await provider();
  const codes = await start(app);
  const { page } = await openLink(codes.verification_uri_complete ?? '');
  expect(page.text).toContain(codes.user_code);
  await expectError(await poll(app, codes.device_code), 'authorization_pending');
});

test('RFC 8628, 3.3 and 3.5: the user lets it in, and of many who ask one gets the tokens, once', async () => {
  const { app, user } = await provider();
  const codes = await start(app);
  const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
  expect((await browser.submit(page, { decision: 'allow' })).status).toBe(200);
  const answers = await Promise.all(Array.from({ length: 4 }, () => poll(app, codes.device_code)));
  const [granted, ...more] = answers.filter(({ status }) => status === 200);
  expect(more).toEqual([]);
  const tokens = await oauth.processDeviceCodeResponse(app.server, app.client, granted as Response);
  expect((await app.whoami(tokens.access_token)).body).toMatchObject({ user_id: user.userId });
  await expectError(await poll(app, codes.device_code), 'invalid_grant');
});

test('RFC 8628, 3.5: a client that asks too often is told to slow down', async () => {
  const { app } = await provider();
  const codes = await start(app);
  await expectError(await poll(app, codes.device_code), 'authorization_pending');
  await expectError(await poll(app, codes.device_code), 'slow_down');
});

test('RFC 8628, 3.5: a refusal of the user is told', async () => {
  const { app } = await provider();
  const codes = await start(app);
  const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
  await browser.submit(page, { decision: 'deny' });
  await expectError(await poll(app, codes.device_code), 'access_denied');
});

test('RFC 8628, 3.4: a device code is its client’s', async () => {
  const { app } = await provider();
  const other = await anotherApp();
  const codes = await start(app);
  await expectError(await poll(other, codes.device_code), 'invalid_grant');
  await expectError(await poll(app, codes.user_code), 'invalid_grant');
  const form = { grant_type: deviceCodeGrant, client_id: app.client.client_id };
  await expectError(await app.post('token', form), 'invalid_request');
});

test('RFC 8628, 5.1 and 6.1: a user code is hard to guess and easy to type', async () => {
  const { app } = await provider();
  const codes = await start(app);
  // 20^8 are 34 bits; a guess costs a login and is counted.
  expect(codes.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  const { browser } = await openLink(codes.verification_uri);
  const typed = new URLSearchParams({ code: codes.user_code.toLowerCase().replace('-', ' ') });
  const found = await browser.open(`${codes.verification_uri}?${typed}`);
  expect(found.forms.some(({ fields }) => 'form_token' in fields)).toBe(true);
  const wrong = await browser.open(`${codes.verification_uri}?code=BBBB-BBBB`);
  expect(wrong.status).toBe(404);
});
