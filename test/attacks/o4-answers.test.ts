import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { Browser, type Page } from '../harness/browser.ts';
import { OauthApp, webApp } from '../harness/oauth-app.ts';
import { goThrough } from '../harness/oauth-browser.ts';
import { Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** O4: answers say whose they are, and no address of ours leads anybody elsewhere. */
const { url } = target;
const password = 'a long password';
const olive = { username: 'o4-olive', password };
const mallory = { username: 'o4-mallory', password };
let app: OauthApp;

beforeAll(async () => {
  for (const { username } of [olive, mallory]) await Person.register(url, username);
  app = await OauthApp.register(url, { ...webApp, client_name: 'O4' });
});

const loginOf = (page: Page) => page.forms.findIndex(({ action }) => action === '/oauth2/login');
const consentOf = (page: Page) => page.forms.findIndex(({ fields }) => 'request' in fields);

describe('O4: an answer', () => {
  test('of another issuer, or with another state, is noticed by the client', async () => {
    const signIn = app.signIn();
    const sent = await signIn.allow(olive);
    expect(sent.searchParams.getAll('iss')).toEqual([app.issuer]);
    const other = { ...app.server, issuer: 'https://evil.example/' };
    expect(() => oauth.validateAuthResponse(other, app.client, sent, signIn.state)).toThrow(/iss/);
    expect(() => oauth.validateAuthResponse(app.server, app.client, sent, 'another')).toThrow(/state/);
  });

  test('has the one issuer, whatever is smuggled into the redirect', async () => {
    const state = 'x&iss=https://evil.example/&code=evil';
    const sent = await app.signIn().allow(olive, { state, iss: 'https://evil.example/', code: 'evil' });
    expect(sent.searchParams.getAll('iss')).toEqual([app.issuer]);
    expect(sent.searchParams.getAll('code')).toHaveLength(1);
    expect(sent.searchParams.get('code')).not.toBe('evil');
    expect(sent.searchParams.get('state')).toBe(state);
  });

  test('without a state has none, and PKCE holds it all the same', async () => {
    const signIn = app.signIn();
    const sent = await signIn.allow(olive, { state: undefined });
    expect(sent.searchParams.has('state')).toBe(false);
    const { code_verifier, ...form } = signIn.form(sent);
    expect((await app.post('token', form)).status).toBe(400);
    expect((await app.post('token', { ...form, code_verifier })).status).toBe(200);
  });
});

describe('O4: nobody is led elsewhere', () => {
  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/account/../../x',
    '/account@evil.example',
    '/oauth2/token',
    '/account\nlocation: https://evil.example/',
    'javascript:alert(1)',
  ])('by the login (%j)', async (next) => {
    const browser = new Browser(url);
    const login = await browser.open(`/oauth2/login?${new URLSearchParams({ next })}`);
    expect(login.forms[loginOf(login)]?.fields.next).toBe('/account');
    const answer = await browser.submit(login, { ...olive, next }, loginOf(login));
    expect(answer.url).toBe(`${url}/account`);
  });

  test('by an error, unless the address is the client’s', async () => {
    const query = { redirect_uri: 'https://evil.example/', error: 'x', error_uri: 'https://evil.example/' };
    for (const changes of [query, { ...query, client_id: 'x' }, { ...query, response_type: 'x' }]) {
      const answer = await fetch(await app.signIn().url(changes), { redirect: 'manual' });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
    }
  });

  test('by logging out', async () => {
    const browser = new Browser(url);
    const account = await goThrough(browser, `${url}/account`, olive);
    const index = account.forms.findIndex(({ fields }) => fields.action === 'log_out');
    const evil = 'https://evil.example/';
    const out = await browser.submit(account, { next: evil, post_logout_redirect_uri: evil }, index);
    expect(out.status).toBe(200);
    expect(out.text).not.toContain('evil');
    expect((await browser.open('/account')).url).toContain('/oauth2/login');
  });
});

test('O4, R10: what stands in an address is shown as text', async () => {
  const script = '"><script>alert(1)</script>';
  const named = await OauthApp.register(url, { ...webApp, client_name: script });
  const browser = new Browser(url);
  await goThrough(browser, `${url}/account`, olive);
  const pages = [
    await browser.open(await named.signIn().url()),
    await browser.open(await named.signIn().url({ login_hint: script, prompt: 'login' })),
    await browser.open(await app.signIn(script).url()),
    await browser.open(await app.signIn().url({ client_id: script })),
    await browser.open(`/oauth2/authorize?${new URLSearchParams({ error_description: script })}`),
    await browser.open(`/link?${new URLSearchParams({ code: script })}`),
    await browser.open(`/account?${new URLSearchParams({ action: script, device_id: script })}`),
    await browser.open(`/oauth2/register?${new URLSearchParams({ invitation: script, next: script })}`),
  ];
  for (const page of pages) {
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).not.toContain('<script>alert');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
  }
  expect(pages[0]?.text).toContain('&lt;script&gt;');
});

describe('O4: forms of other sites', () => {
  async function consent(account = olive): Promise<{ browser: Browser; page: Page }> {
    const browser = new Browser(url);
    const login = await browser.open(await app.signIn().url());
    return { browser, page: await browser.submit(login, { ...account }, loginOf(login)) };
  }

  test('allow nothing: without the token, with that of another browser or another login', async () => {
    const { browser, page } = await consent();
    const theirs = (await consent(mallory)).page;
    const stolen = theirs.forms[consentOf(theirs)]?.fields.form_token ?? '';
    expect(stolen).not.toBe('');
    for (const token of ['', 'x', stolen]) {
      const answer = await browser.submit(page, { decision: 'allow', form_token: token }, consentOf(page));
      expect(answer.status).toBe(403);
    }
    const login = await browser.open('/oauth2/login');
    await browser.submit(login, { ...mallory }, loginOf(login));
    expect((await browser.submit(page, { decision: 'allow' }, consentOf(page))).status).toBe(403);
  });

  test('log nobody in, also where a browser says where they are from', async () => {
    const browser = new Browser(url);
    const body = new URLSearchParams({ ...mallory, next: '/account' });
    const answer = await browser.open('/oauth2/login', { method: 'POST', body });
    expect(answer.status).toBe(403);
    expect(browser.cookies.has('roost-login')).toBe(false);
    const { page, browser: own } = await consent();
    const { action = '', fields = {} } = page.forms[consentOf(page)] ?? {};
    const form = new URLSearchParams({ ...fields, decision: 'allow' });
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await own.open(action, { method: 'POST', body: form, headers })).status).toBe(403);
  });
});
