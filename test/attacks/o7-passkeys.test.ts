import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authenticator, type Mistakes } from '../harness/authenticator.ts';
import { Browser, type Form, type Page } from '../harness/browser.ts';
import { goThrough } from '../harness/oauth-browser.ts';
import { freePort, Roost } from '../harness/roost.ts';
import { Person } from './lib/attacker.ts';

/** O7: a passkey lets its owner in, at this site, now. Further mistakes: `verify-response.test.ts`, `passkeys.test.ts`. */
const password = 'a long password';
type Options = Parameters<Authenticator['create']>[0] & Parameters<Authenticator['get']>[0];
let roost: Roost;
let origin: string;
let olives: Authenticator;
let mallorys: Authenticator;

beforeAll(async () => {
  const port = await freePort();
  // Passkeys need a host name.
  origin = `http://localhost:${port}`;
  roost = await Roost.start({ serverName: 'roost.test', port, env: { HS_CLIENT_URL: origin } });
  for (const name of ['olive', 'mallory']) await Person.register(roost.url, name);
  olives = await enrolled('olive');
  mallorys = await enrolled('mallory');
}, 60_000);
afterAll(() => roost?.stopAndRemove());

function asked(page: Page): { options: Options; index: number; form: Form } {
  const index = page.forms.findIndex(({ passkeyOptions }) => passkeyOptions !== undefined);
  const form = page.forms[index];
  if (!form) throw new Error(`no passkey is asked for at ${page.url}: ${page.text}`);
  return { options: form.passkeyOptions as Options, index, form };
}

async function enrolled(username: string): Promise<Authenticator> {
  const browser = new Browser(roost.url);
  await goThrough(browser, `${roost.url}/account`, { username, password });
  const page = await browser.open('/account/passkeys');
  const { options, index } = asked(page);
  const device = new Authenticator(origin);
  const added = await browser.submit(page, { name: 'x', credential: device.create(options) }, index);
  expect(added.status).toBe(200);
  return device;
}

async function tryIn(device: Authenticator, mistakes: Mistakes = {}) {
  const browser = new Browser(roost.url);
  const login = await browser.open('/account');
  const { options, index } = asked(login);
  const page = await browser.submit(login, { credential: device.get(options, mistakes) }, index);
  return { page, isIn: browser.cookies.has('roost-login'), browser };
}

test('O7: wrong origin, host, kind or frame, an unverified owner, a counter that went back', async () => {
  for (const mistakes of [
    { origin: 'https://evil.example' },
    { origin: `${origin}.evil.example` },
    { rpId: 'evil.example' },
    { type: 'webauthn.create' },
    { crossOrigin: true },
    { withoutFlags: 0x01 },
    { withoutFlags: 0x04 },
    { challenge: 'A'.repeat(51) },
  ] as Mistakes[]) {
    const { page, isIn } = await tryIn(olives, mistakes);
    expect({ mistakes, status: page.status, isIn }).toEqual({ mistakes, status: 403, isIn: false });
  }
  expect((await tryIn(olives, { signCount: 100 })).isIn).toBe(true);
  for (const signCount of [100, 99, 0]) expect((await tryIn(olives, { signCount })).isIn).toBe(false);
  expect((await tryIn(olives, { signCount: 101 })).isIn).toBe(true);
});

test('O7: one user’s passkey under another’s name or id lets neither in', async () => {
  const theirs = JSON.parse(mallorys.get({ challenge: 'x', rpId: 'localhost' }));
  const { userHandle } = theirs.response as { userHandle: string };
  for (const mistakes of [{ userHandle }, { credentialId: mallorys.credentialId }] as Mistakes[]) {
    expect((await tryIn(olives, { ...mistakes, signCount: 200 })).isIn).toBe(false);
  }
  const { page } = await tryIn(mallorys);
  expect(page.text).toContain('@mallory:roost.test');
});

test('O7: a challenge is answered once, by the browser that was asked', async () => {
  const victim = new Browser(roost.url);
  const login = await victim.open('/account');
  const { options, index, form } = asked(login);
  const credential = mallorys.get(options);
  const thief = new Browser(roost.url);
  const own = await thief.open('/account');
  expect((await thief.submit(own, { credential }, index)).status).toBe(403);
  expect((await thief.submit(own, { ...form.fields, credential }, index)).status).toBe(403);
  expect((await victim.submit(login, { credential }, index)).status).toBe(200);
  const again = new Browser(roost.url);
  for (const [name, value] of victim.cookies) if (name !== 'roost-login') again.setCookie(name, value);
  expect((await again.submit(login, { credential }, index)).status).toBe(403);
  expect(again.cookies.has('roost-login')).toBe(false);
});
