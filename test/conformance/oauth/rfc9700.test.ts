import { expect } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import { test } from '../lib/conformance-test.ts';
import { anotherApp, expectError, expectPage, provider, refusalOf } from './lib/provider.ts';

/** RFC 9700: best current practice for security. */

test('RFC 9700, 2.1: redirect URIs are compared exactly', async () => {
  const { app } = await provider();
  for (const redirect_uri of [
    'https://app.example.org/callback',
    'https://app.example.org/callback?kept=1&x=1',
    'https://app.example.org/callback?kept=1#x',
    'https://app.example.org/callback/?kept=1',
    'https://app.example.org:443/callback?kept=1',
    'https://APP.example.org/callback?kept=1',
    'https://user@app.example.org/callback?kept=1',
    'https://app.example.org.evil.example/callback?kept=1',
    'http://app.example.org/callback?kept=1',
  ]) {
    await expectPage(await app.signIn().url({ redirect_uri }));
  }
});

test('RFC 9700, 2.1 and 4.1.3: of loopback addresses the port is free, and nothing else', async () => {
  const native = await anotherApp({ application_type: 'native', redirect_uris: ['http://127.0.0.1/done'] });
  const opened = await new Browser(native.url).open(await native.signIn('http://127.0.0.1:49152/done').url());
  expect(opened.status).toBe(200);
  for (const other of [
    'http://127.0.0.1:49152/other',
    'http://localhost:49152/done',
    'http://127.0.0.1:49152/done?x',
    'http://127.0.0.1:x/done',
    'https://127.0.0.1:49152/done',
    'http://127.0.0.1:1@evil.example/done',
  ]) {
    await expectPage(await native.signIn(other).url());
  }
});

test('RFC 9700, 2.1.1: PKCE holds against injected codes and downgrades', async () => {
  const { app, account } = await provider();
  const victim = app.signIn();
  const attacker = app.signIn();
  const stolen = victim.form(await victim.allow(account));
  await expectError(
    await app.post('token', { ...stolen, code_verifier: attacker.verifier }),
    'invalid_grant',
  );
  const downgraded = await refusalOf(
    await app.signIn().url({ code_challenge: undefined, code_challenge_method: undefined }),
  );
  expect(downgraded.get('error')).toBe('invalid_request');
});

test('RFC 9700, 2.1.2: no tokens come by the authorization endpoint', async () => {
  const { app } = await provider();
  for (const type of ['token', 'id_token token', 'code token']) {
    const refused = await refusalOf(
      await app.signIn().url({ response_type: type, response_mode: 'fragment' }),
    );
    expect(refused.get('error')).toBe('unsupported_response_type');
    expect(refused.has('access_token')).toBe(false);
  }
});

test('RFC 9700, 2.4: passwords are taken on the server’s own pages alone', async () => {
  const { app, account } = await provider();
  const form = { grant_type: 'password', client_id: app.client.client_id, ...account };
  await expectError(await app.post('token', form), 'unsupported_grant_type');
  expect(app.server.grant_types_supported).not.toContain('password');
});

test('RFC 9700, 4.2.4: pages and redirects tell nobody where they came from', async () => {
  const { app, account } = await provider();
  const signIn = app.signIn();
  const login = await fetch(await signIn.url(), { redirect: 'manual' });
  expect(login.headers.get('referrer-policy')).toBe('no-referrer');
  const page = await signIn.browser.open(await signIn.url());
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.text).not.toMatch(/(src|href)="https?:/);
  const refused = await fetch(await signIn.url({ scope: 'x' }), { redirect: 'manual' });
  expect(refused.headers.get('referrer-policy')).toBe('no-referrer');
  expect(account.password).not.toBe('');
});

test('RFC 9700, 4.11: nobody is led elsewhere by an address of the server', async () => {
  const { app, account } = await provider();
  for (const next of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/_matrix/x',
    'javascript:x',
  ]) {
    const browser = new Browser(app.url);
    const login = await browser.open(`/oauth2/login?${new URLSearchParams({ next })}`);
    const index = login.forms.findIndex(({ fields }) => 'password' in fields);
    const after = await browser.submit(login, { ...account, next }, index);
    expect(new URL(after.url).origin).toBe(new URL(app.url).origin);
    expect(after.url).not.toContain('evil');
  }
});

test('RFC 9700, 4.12: redirects make browsers forget what they have posted', async () => {
  const { app } = await provider();
  const [endpoint, query] = (await app.signIn().url()).split('?') as [string, string];
  const answer = await fetch(endpoint, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(query),
  });
  expect(answer.status).toBe(303);
  expect((await fetch(await app.signIn().url({ scope: 'x' }), { redirect: 'manual' })).status).toBe(303);
});

test('RFC 9700, 4.14.2: refresh tokens rotate, and one that comes again after its successor ends the grant', async () => {
  const { app, account } = await provider();
  const first = await app.signIn().tokens(account);
  const second = await app.refreshed(first.refresh_token);
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect((await app.whoami(second.access_token)).status).toBe(200);
  await expectError(await app.refresh(first.refresh_token), 'invalid_grant');
  expect((await app.whoami(second.access_token)).status).toBe(401);
  await expectError(await app.refresh(second.refresh_token), 'invalid_grant');
});

test('RFC 9700, 4.14.2: but an answer that was lost may be asked for again', async () => {
  const { app, account } = await provider();
  const first = await app.signIn().tokens(account);
  const lost = await app.refreshed(first.refresh_token);
  const again = await app.refreshed(first.refresh_token);
  expect((await app.whoami(again.access_token)).status).toBe(200);
  expect((await app.whoami(lost.access_token)).status).toBe(401);
});

test('RFC 9700, 4.16: pages cannot be put into frames', async () => {
  const { app } = await provider();
  const page = await new Browser(app.url).open(await app.signIn().url());
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('RFC 9700, 4.17.1: pages are not for scripts of other sites', async () => {
  const { app } = await provider();
  const page = await new Browser(app.url).open(await app.signIn().url());
  expect(page.headers.get('access-control-allow-origin')).toBeNull();
});
