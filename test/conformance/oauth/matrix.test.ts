import * as oauth from 'oauth4webapi';
import { expect } from 'vitest';
import { Browser, type Page } from '../../harness/browser.ts';
import { test } from '../lib/conformance-test.ts';
import { provider, refusalOf } from './lib/provider.ts';

/** What Matrix makes of OAuth 2.0: MSC2964, MSC2967, MSC4191, MSC4254 and the prompts of OpenID Connect. */

test('MSC2967: scopes are understood in their stable and unstable form, and come back as they were asked for', async () => {
  const { app, account } = await provider();
  for (const prefix of ['urn:matrix:client', 'urn:matrix:org.matrix.msc2967.client']) {
    const signIn = app.signIn();
    const scope = `${prefix}:api:* ${prefix}:device:${signIn.deviceId}`;
    const answer = await signIn.exchange(await signIn.allow(account, { scope }));
    const tokens = await oauth.processAuthorizationCodeResponse(app.server, app.client, answer);
    expect(tokens.scope).toBe(scope);
    expect((await app.whoami(tokens.access_token)).body).toMatchObject({ device_id: signIn.deviceId });
  }
});

test('MSC2967: a scope names one device, in characters that need no escape', async () => {
  const { app } = await provider();
  const api = 'urn:matrix:client:api:*';
  for (const devices of [
    'urn:matrix:client:device:',
    'urn:matrix:client:device:A urn:matrix:client:device:B',
    'urn:matrix:client:device:A urn:matrix:org.matrix.msc2967.client:device:B',
    `urn:matrix:client:device:${'A'.repeat(256)}`,
    'urn:matrix:client:device:a"b',
  ]) {
    const refused = await refusalOf(await app.signIn().url({ scope: `${api} ${devices}` }));
    expect(refused.get('error')).toBe('invalid_scope');
  }
});

test('MSC2964: the answer comes in the query or the fragment, as the client wants', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const sent = await signIn.allow(account, { response_mode: 'fragment' });
  expect(sent.search).toBe('?kept=1');
  const answer = await signIn.exchange(new URLSearchParams(sent.hash.slice(1)));
  expect(answer.status).toBe(200);
  const refused = await refusalOf(await app.signIn().url({ response_mode: 'form_post' }));
  expect(refused.get('error')).toBe('invalid_request');
});

test('MSC2964: a device that signs in again ends its former session', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const first = await signIn.tokens(account);
  const second = await signIn.tokens(account);
  expect((await app.whoami(first.access_token)).status).toBe(401);
  expect((await app.whoami(second.access_token)).body).toMatchObject({ device_id: signIn.deviceId });
});

test('MSC2964: a session of OAuth is not refreshed by the client-server API', async () => {
  const { app, account } = await provider();
  const { refresh_token } = await app.signIn().tokens(account);
  const answer = await fetch(`${app.url}/_matrix/client/v3/refresh`, {
    method: 'POST',
    body: JSON.stringify({ refresh_token }),
  });
  expect(answer.status).toBe(401);
  expect((await app.refresh(refresh_token)).status).toBe(200);
});

test('MSC2964: a token that was replaced is refused softly', async () => {
  const { app, account } = await provider();
  const first = await app.signIn().tokens(account);
  const second = await app.refreshed(first.refresh_token);
  await app.whoami(second.access_token);
  expect(await app.whoami(first.access_token)).toMatchObject({
    status: 401,
    body: { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true },
  });
});

test('OpenID Connect, prompt: create leads to a new account, login to a login of whoever is logged in', async () => {
  const { app, account } = await provider();
  expect(app.server.prompt_values_supported).toContain('create');
  const signIn = app.signIn();
  const registration = await signIn.browser.open(await signIn.url({ prompt: 'create' }));
  expect(registration.url).toContain('/register');
  await signIn.allow(account);
  for (const prompt of ['login', 'select_account', 'login consent']) {
    const page = await signIn.browser.open(await signIn.url({ prompt }));
    expect(page.forms.some(({ fields }) => 'username' in fields && 'password' in fields)).toBe(true);
  }
  const consent = await signIn.browser.open(await signIn.url({ prompt: 'consent' }));
  expect(consent.forms.some(({ fields }) => 'request' in fields)).toBe(true);
});

test('OpenID Connect, prompt: none asks nothing, and tells what would have to be asked', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const url = await signIn.url({ prompt: 'none' });
  expect((await refusalOf(url)).get('error')).toBe('login_required');
  await signIn.allow(account);
  const sent = new URL((await signIn.browser.open(url)).url);
  expect(sent.searchParams.get('error')).toBe('consent_required');
  const both = await refusalOf(await signIn.url({ prompt: 'none login' }));
  expect(both.get('error')).toBe('invalid_request');
});

test('MSC4191: the account page is told, with the actions that it has, in stable and unstable names', async () => {
  const { app } = await provider();
  const server = app.server as { account_management_actions_supported?: string[] };
  expect(new URL(String(app.server.account_management_uri)).origin).toBe(new URL(app.issuer).origin);
  for (const name of [
    ...[
      'profile',
      'devices_list',
      'device_view',
      'device_delete',
      'account_deactivate',
      'cross_signing_reset',
    ],
    ...['sessions_list', 'session_view', 'session_end'],
  ]) {
    expect(server.account_management_actions_supported).toContain(`org.matrix.${name}`);
  }
});

test('MSC4191: an action leads to its page, that of a device by its id, and an unknown one to the front page', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  await signIn.tokens(account);
  const open = async (action: string, more: Record<string, string> = {}): Promise<Page> => {
    const query = new URLSearchParams({ action: `org.matrix.${action}`, ...more });
    return signIn.browser.open(`${app.server.account_management_uri}?${query}`);
  };
  const actionOf = ({ forms }: Page) => forms.map(({ fields }) => fields.action);
  for (const name of ['device_delete', 'session_end', 'device_view', 'session_view']) {
    const page = await open(name, { device_id: signIn.deviceId });
    expect(page.forms.some(({ fields }) => fields.device_id === signIn.deviceId)).toBe(true);
  }
  expect(actionOf(await open('cross_signing_reset'))).toContain('cross_signing_reset');
  expect(actionOf(await open('account_deactivate'))).toContain('account_deactivate');
  const front = await open('nonsense');
  expect(front.status).toBe(200);
  for (const name of ['profile', 'devices_list', 'sessions_list', 'nonsense']) {
    const page = await open(name, { device_id: 'NOT-THERE' });
    expect(page.text).toContain(signIn.deviceId);
  }
});

test('MSC4191: who is not logged in is asked to, and comes to the action', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  await signIn.tokens(account);
  const query = new URLSearchParams({ action: 'org.matrix.device_delete', device_id: signIn.deviceId });
  const browser = new Browser(app.url);
  const login = await browser.open(`${app.server.account_management_uri}?${query}`);
  const index = login.forms.findIndex(({ fields }) => 'password' in fields);
  const page = await browser.submit(login, { ...account }, index);
  expect(page.forms.some(({ fields }) => fields.device_id === signIn.deviceId)).toBe(true);
});
