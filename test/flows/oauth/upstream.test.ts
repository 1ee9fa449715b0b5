import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, type Page } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import { type IdTokenMistakes, OpenidProvider } from '../../harness/openid-provider.ts';
import { Roost } from '../../harness/roost.ts';

/** Logging in by an account at another OpenID provider. */

const password = 'a long password';
let provider: OpenidProvider;
let roost: Roost;

beforeAll(async () => {
  provider = await OpenidProvider.start();
  roost = await Roost.start({
    env: {
      UPSTREAM_ISSUER: provider.issuer,
      UPSTREAM_CLIENT_ID: provider.clientId,
      UPSTREAM_CLIENT_SECRET: provider.clientSecret,
      UPSTREAM_NAME: 'Example <ID>',
      UPSTREAM_HOSTS: '["127.0.0.1"]',
    },
  });
  for (const name of ['olive', 'mallory']) await register(roost.url, name, password);
}, 120_000);
afterAll(async () => {
  await roost?.stopAndRemove();
  await provider?.stop();
});
beforeEach(() => {
  provider.mistakes = {};
  provider.algorithm = 'RS256';
});

/** Where the provider sends a browser that comes to it. */
async function sentBack(address: string): Promise<string> {
  expect(address).toMatch(new RegExp(`^${provider.issuer}/authorize\\?`));
  const answer = await fetch(address, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

async function logInThere(browser: Browser, subject: string, next = '/account'): Promise<Page> {
  provider.subject = subject;
  const left = await browser.open(`/oauth2/upstream?${new URLSearchParams({ next })}`);
  return browser.open(await sentBack(left.url));
}

async function logInHere(browser: Browser, path: string, username: string): Promise<Page> {
  return browser.submit(await browser.open(path), { username, password });
}

async function link(username: string, subject: string): Promise<Page> {
  const browser = new Browser(roost.url);
  await logInHere(browser, '/account', username);
  return browser.submit(await logInThere(browser, subject), {});
}

describe('an account at another provider', () => {
  test('is offered on the login page, and to older clients', async () => {
    const login = await new Browser(roost.url).open('/account');
    expect(login.text).toContain('Log in with Example &lt;ID&gt;');
    const answer = await fetch(`${roost.url}/_matrix/client/v3/login`);
    const { flows } = (await answer.json()) as { flows: { type: string; identity_providers?: object[] }[] };
    const sso = flows.find(({ type }) => type === 'm.login.sso');
    expect(sso?.identity_providers).toContainEqual({ id: 'upstream', name: 'Example <ID>' });
    const query = new URLSearchParams({ redirectUrl: 'https://app.example.org/' });
    const left = await new Browser(roost.url).open(`/_matrix/client/v3/login/sso/redirect/upstream?${query}`);
    expect(left.url).toContain(`${provider.issuer}/authorize`);
  });

  test.each(['RS256', 'ES256'] as const)('lets in whoever is linked with it (%s)', async (algorithm) => {
    provider.algorithm = algorithm;
    const subject = `linked by ${algorithm}`;
    const linked = await link('olive', subject);
    expect(linked.text).toContain('Example &lt;ID&gt;: linked');
    const browser = new Browser(roost.url);
    const account = await logInThere(browser, subject);
    expect(account.url).toBe(`${roost.url}/account`);
    expect(account.text).toContain('@olive:localhost');
    expect(browser.cookies.has('roost-upstream')).toBe(false);
    // It is nobody else's: their browser is olive's then.
    const other = new Browser(roost.url);
    await logInHere(other, '/account', 'mallory');
    expect((await logInThere(other, subject)).text).toContain('@olive:localhost');
  });

  test('is unlinked, unless nothing else lets in', async () => {
    await register(roost.url, 'both-ways', password);
    await link('both-ways', 'both ways');
    const browser = new Browser(roost.url);
    const unlink = (page: Page) => {
      const index = page.forms.findIndex(({ fields }) => fields.action === 'unlink');
      return browser.submit(page, {}, index);
    };
    const unlinked = await unlink(await logInThere(browser, 'both ways'));
    expect(unlinked.text).toContain('link it');
    expect((await logInThere(new Browser(roost.url), 'both ways')).text).toContain('You are new here');
    const only = await logInThere(browser, 'only way');
    expect(only.text).toContain('Link your accounts?');
    const other = new Browser(roost.url);
    const path = (await logInThere(other, 'only way')).links.find((href) => href.includes('register')) ?? '';
    const account = await other.submit(await other.open(path), { username: 'one-way' });
    const index = account.forms.findIndex(({ fields }) => fields.action === 'unlink');
    expect((await other.submit(account, {}, index)).text).toContain('your only way in');
    expect((await logInThere(new Browser(roost.url), 'only way')).text).toContain('@one-way:localhost');
  });

  test('that is new makes an account without a password', async () => {
    const browser = new Browser(roost.url);
    const unknown = await logInThere(browser, 'newcomer');
    expect(unknown.text).toContain('You are new here');
    const path = unknown.links.find((href) => href.startsWith('/oauth2/register')) ?? '';
    const form = await browser.open(path);
    expect(form.text).not.toContain('type="password"');
    const account = await browser.submit(form, { username: 'newcomer' });
    expect(account.text).toContain('@newcomer:localhost');
    expect(account.text).toContain('Password</a>: none');
    expect((await logInThere(new Browser(roost.url), 'newcomer')).text).toContain('@newcomer:localhost');
    const guess = await logInHere(new Browser(roost.url), '/account', 'newcomer');
    expect(guess.status).toBe(403);
    // What cannot be undone needs a login that is not long ago.
    const end = await browser.open('/account?action=org.matrix.account_deactivate');
    expect((await browser.submit(end, {})).text).toContain('deactivated');
    expect((await logInThere(new Browser(roost.url), 'newcomer')).text).toContain('You are new here');
  });

  test('is not linked by a form of another site, nor without having been there', async () => {
    const browser = new Browser(roost.url);
    await logInHere(browser, '/account', 'mallory');
    const page = await logInThere(browser, 'to be linked');
    expect(page.text).toContain('Link your accounts?');
    expect((await browser.submit(page, { form_token: 'x' })).status).toBe(403);
    const victim = new Browser(roost.url);
    await logInHere(victim, '/account', 'olive');
    expect((await victim.open('/oauth2/upstream/link')).url).toContain('/oauth2/login');
    const forged = await victim.open('/oauth2/upstream/link', {
      method: 'POST',
      body: new URLSearchParams({ form_token: page.forms[0]?.fields.form_token ?? '' }),
    });
    expect(forged.status).toBe(403);
  });
});

describe('an answer of the provider', () => {
  const refused = async (page: Page, browser: Browser) => {
    expect(page.status).toBe(403);
    expect(page.text).toContain('This did not work');
    expect(browser.cookies.has('roost-login')).toBe(false);
    expect(browser.cookies.has('roost-identity')).toBe(false);
  };

  test.each([
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['that has expired', { claims: { exp: 1_000_000_000 } }],
    ['of another attempt', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['that is not signed', { algorithm: 'none' }],
    ['signed by another key', { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
  ] as [string, IdTokenMistakes][])('%s lets nobody in', async (_, mistakes) => {
    provider.mistakes = mistakes;
    const browser = new Browser(roost.url);
    await refused(await logInThere(browser, 'subject'), browser);
  });

  test('counts once, in the browser that asked', async () => {
    await link('mallory', 'of mallory');
    provider.subject = 'of mallory';
    const browser = new Browser(roost.url);
    const left = await browser.open('/oauth2/upstream');
    const back = await sentBack(left.url);
    const stranger = new Browser(roost.url);
    await refused(await stranger.open(back), stranger);
    await stranger.open('/oauth2/upstream');
    await refused(await stranger.open(back), stranger);
    const altered = new URL(back);
    altered.searchParams.set('state', 'x');
    await refused(await browser.open(altered.href), browser);
    expect((await browser.open(back)).text).toContain('@mallory:localhost');
    const again = new Browser(roost.url);
    await refused(await again.open(back), again);
  });

  test('that says no is shown as such', async () => {
    const browser = new Browser(roost.url);
    const left = await browser.open('/oauth2/upstream');
    const state = new URL(left.url).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state });
    await refused(await browser.open(`/oauth2/upstream/callback?${query}`), browser);
  });
});
