import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authenticator, type Mistakes } from '../../harness/authenticator.ts';
import { Browser, type Form, type Page } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import { freePort, Roost } from '../../harness/roost.ts';

/** Passkeys, recovery codes and passwords on the pages, as a browser with an authenticator uses them. */

const password = 'a long password';
let roost: Roost;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  // Passkeys need a host name.
  origin = `http://localhost:${port}`;
  roost = await Roost.start({ port, env: { HS_CLIENT_URL: origin } });
  for (const name of ['olive', 'mallory']) await register(roost.url, name, password);
}, 120_000);
afterAll(() => roost?.stopAndRemove());

const newBrowser = () => new Browser(roost.url);
type Options = Parameters<Authenticator['create']>[0] & Parameters<Authenticator['get']>[0];

/** The form that asks for a passkey. */
function passkeyForm(page: Page): { form: Form & { passkeyOptions: Options }; index: number } {
  const index = page.forms.findIndex(({ passkeyOptions }) => passkeyOptions !== undefined);
  const form = page.forms[index];
  if (!form?.passkeyOptions) throw new Error(`no passkey is asked for at ${page.url}: ${page.text}`);
  return { form: form as Form & { passkeyOptions: Options }, index };
}

function formIndex(page: Page, fits: (form: Form) => boolean): number {
  const index = page.forms.findIndex(fits);
  if (index < 0) throw new Error(`no such form at ${page.url}: ${page.text}`);
  return index;
}

async function logInByPassword(browser: Browser, path: string, username = 'olive'): Promise<Page> {
  const login = await browser.open(path);
  const index = formIndex(login, ({ action }) => action === '/oauth2/login');
  return browser.submit(login, { username, password }, index);
}

async function enrol(page: Page, browser: Browser, device: Authenticator, name: string, mistakes?: Mistakes) {
  const { form, index } = passkeyForm(page);
  return browser.submit(page, { name, credential: device.create(form.passkeyOptions, mistakes) }, index);
}

/** @returns what is shown then, of a login page that was opened for the account page */
async function logInByPasskey(browser: Browser, device: Authenticator, mistakes?: Mistakes, page?: Page) {
  const login = page ?? (await browser.open('/account'));
  const { form, index } = passkeyForm(login);
  return browser.submit(login, { credential: device.get(form.passkeyOptions, mistakes) }, index);
}

describe('a passkey', () => {
  const phone = () => new Authenticator(origin);

  test('is asked for at first, by whoever it is of, with the owner verified', async () => {
    const login = await newBrowser().open('/account');
    expect(login.url).toContain('/oauth2/login');
    const { form, index } = passkeyForm(login);
    expect(index).toBe(0);
    expect(form.passkeyOptions).toMatchObject({
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: [],
      challenge: expect.stringMatching(/^[\w-]{51}$/),
    });
    expect(login.text).toContain('autocomplete="username webauthn"');
  });

  test('is added, lets in, is renamed and removed; several of one account', async () => {
    const browser = newBrowser();
    const [first, second] = [phone(), phone()];
    const empty = await logInByPassword(browser, '/account/passkeys');
    const { passkeyOptions } = passkeyForm(empty).form;
    expect(passkeyOptions).toMatchObject({
      rp: { id: 'localhost', name: 'localhost' },
      user: { name: 'olive', displayName: 'olive' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [],
    });
    expect(JSON.stringify(passkeyOptions.user.id)).not.toContain(Buffer.from('olive').toString('base64url'));
    const one = await enrol(empty, browser, first, 'My <phone>');
    expect(one.text).toContain('My &lt;phone&gt;');
    expect(passkeyForm(one).form.passkeyOptions).toMatchObject({
      excludeCredentials: [{ type: 'public-key', id: first.credentialId }],
    });
    await enrol(one, browser, second, 'Key');

    for (const device of [first, second, first]) {
      const account = await logInByPasskey(newBrowser(), device);
      expect(account.url).toBe(`${roost.url}/account`);
      expect(account.text).toContain('@olive:localhost');
      expect(account.text).toContain('2 passkeys');
    }

    const list = await browser.open('/account/passkeys');
    const isFor = (action: string) => (form: Form) =>
      form.fields.action === action && form.fields.credential_id === second.credentialId;
    const renamed = await browser.submit(list, { name: 'Blue key' }, formIndex(list, isFor('rename')));
    expect(renamed.text).toContain('Blue key');
    const left = await browser.submit(renamed, {}, formIndex(renamed, isFor('remove')));
    expect(left.text).not.toContain('Blue key');
    expect((await logInByPasskey(newBrowser(), second)).status).toBe(403);
    expect((await logInByPasskey(newBrowser(), first)).status).toBe(200);
  });

  test('O7: answers a challenge once, in the browser that was asked, and for that purpose', async () => {
    const browser = newBrowser();
    const device = phone();
    await enrol(await logInByPassword(browser, '/account/passkeys'), browser, device, 'x');
    const victim = newBrowser();
    const login = await victim.open('/account');
    const { form, index } = passkeyForm(login);
    const credential = device.get(form.passkeyOptions);
    const thief = newBrowser();
    const other = await thief.open('/account');
    expect((await thief.submit(other, { credential }, index)).status).toBe(403);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => {
        const again = newBrowser();
        for (const [name, value] of victim.cookies) again.setCookie(name, value);
        return again.submit(login, { credential }, index);
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
    // A challenge of the login page confirms nothing, and adds no passkey.
    const forOther = await newBrowser().open('/account');
    const wrongPurpose = device.get(passkeyForm(forOther).form.passkeyOptions);
    const reset = await browser.open('/account?action=org.matrix.cross_signing_reset');
    expect((await browser.submit(reset, { credential: wrongPurpose }, passkeyForm(reset).index)).status).toBe(
      403,
    );
    const made = JSON.parse(
      phone().create(passkeyForm(await browser.open('/account/passkeys')).form.passkeyOptions),
    );
    const elsewhere = newBrowser();
    const theirs = await logInByPassword(elsewhere, '/account/passkeys', 'mallory');
    const refused = await elsewhere.submit(
      theirs,
      { credential: JSON.stringify(made) },
      passkeyForm(theirs).index,
    );
    expect(refused.status).toBe(403);
  });

  test.each([
    ['of another site', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['without the owner being verified', { withoutFlags: 0x04 }],
    ['for another user', { userHandle: Buffer.from('mallory').toString('base64url') }],
    ['under an unknown id', { credentialId: 'AAAA' }],
    ['with a made-up challenge', { challenge: 'A'.repeat(51) }],
  ] as [string, Mistakes][])('O7: %s lets nobody in', async (_, mistakes) => {
    const browser = newBrowser();
    const device = phone();
    await enrol(await logInByPassword(browser, '/account/passkeys'), browser, device, 'x');
    const stranger = newBrowser();
    const refused = await logInByPasskey(stranger, device, mistakes);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('role="alert"');
    expect(stranger.cookies.has('roost-login')).toBe(false);
  });

  test('O7: that was copied is noticed by its count, which not every authenticator has', async () => {
    const browser = newBrowser();
    const device = phone();
    const uncounted = new Authenticator(origin, false);
    const page = await enrol(await logInByPassword(browser, '/account/passkeys'), browser, device, 'x');
    await enrol(page, browser, uncounted, 'y');
    expect((await logInByPasskey(newBrowser(), device, { signCount: 9 })).status).toBe(200);
    for (const signCount of [9, 3, 0]) {
      expect((await logInByPasskey(newBrowser(), device, { signCount })).status).toBe(403);
    }
    expect((await logInByPasskey(newBrowser(), device, { signCount: 10 })).status).toBe(200);
    for (let time = 0; time < 2; time += 1) {
      expect((await logInByPasskey(newBrowser(), uncounted)).status).toBe(200);
    }
  });

  test('that is made wrongly is not kept', async () => {
    const browser = newBrowser();
    const page = await logInByPassword(browser, '/account/passkeys', 'mallory');
    for (const mistakes of [
      { withoutFlags: 0x04 },
      { origin: 'https://evil.example' },
      { challenge: 'AA' },
    ]) {
      const refused = await enrol(page, browser, phone(), 'x', mistakes);
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('You have none yet');
    }
  });

  test('allows what cannot be undone; one of somebody else does not', async () => {
    const [browser, device, others] = [newBrowser(), phone(), phone()];
    await enrol(await logInByPassword(browser, '/account/passkeys'), browser, device, 'x');
    const mallory = newBrowser();
    await enrol(await logInByPassword(mallory, '/account/passkeys', 'mallory'), mallory, others, 'x');
    const reset = await browser.open('/account?action=org.matrix.cross_signing_reset');
    const { form, index } = passkeyForm(reset);
    const refused = await browser.submit(reset, { credential: others.get(form.passkeyOptions) }, index);
    expect(refused.status).toBe(403);
    const allowed = await browser.submit(
      refused,
      { credential: device.get(passkeyForm(refused).form.passkeyOptions) },
      index,
    );
    expect(allowed.text).toContain('The reset is allowed');
  });
});

describe('recovery codes', () => {
  const useCode = async (username: string, code: string) => {
    const browser = newBrowser();
    const page = await browser.open('/oauth2/login/recovery?next=%2Faccount%2Fpassword');
    return { browser, page: await browser.submit(page, { username, code }) };
  };
  const makeCodes = async (username: string) => {
    const browser = newBrowser();
    const page = await logInByPassword(browser, '/account/recovery-codes', username);
    const made = await browser.submit(page, {});
    return {
      browser,
      codes: [...made.text.matchAll(/<code>([\w-]{19})<\/code>/g)].map(([, code]) => code ?? ''),
    };
  };

  test('are shown once, let in once each, and lead to a new password', async () => {
    await register(roost.url, 'forgetful', password);
    const { browser, codes } = await makeCodes('forgetful');
    expect(new Set(codes).size).toBe(10);
    const again = await browser.open('/account/recovery-codes');
    expect(again.text).toContain('You have 10 left');
    for (const code of codes) expect(again.text).not.toContain(code);

    const typed = ` ${codes[0]?.replaceAll('-', ' ').toUpperCase()}`;
    const { browser: recovered, page } = await useCode('forgetful', typed);
    expect(page.url).toContain('/account/password');
    expect((await useCode('forgetful', typed)).page.status).toBe(403);
    expect((await useCode('mallory', codes[1] ?? '')).page.status).toBe(403);
    expect((await useCode('forgetful', '')).page.status).toBe(403);

    const differing = await recovered.submit(page, { password: 'another password', repeated: 'x' });
    expect(differing.text).toContain('differ');
    const account = await recovered.submit(differing, { password: 'new password', repeated: 'new password' });
    expect(account.url).toBe(`${roost.url}/account`);
    expect(account.text).toContain('9 left');
    // The browser that was logged in by the former password is logged out.
    expect((await browser.open('/account')).url).toContain('/oauth2/login');
    const old = await newBrowser().open('/account');
    const index = formIndex(old, ({ action }) => action === '/oauth2/login');
    expect((await newBrowser().submit(old, { username: 'forgetful', password }, index)).status).toBe(403);
  });

  test('end with the next list; of several uses at once one lets in', async () => {
    await register(roost.url, 'twofold', password);
    const { codes: former } = await makeCodes('twofold');
    const { codes } = await makeCodes('twofold');
    expect((await useCode('twofold', former[3] ?? '')).page.status).toBe(403);
    const tries = await Promise.all(Array.from({ length: 4 }, () => useCode('twofold', codes[3] ?? '')));
    expect(tries.map(({ page }) => page.status).sort()).toEqual([200, 403, 403, 403]);
  });

  test('are in no store and no log as they are', async () => {
    await register(roost.url, 'careful', password);
    const { codes } = await makeCodes('careful');
    await useCode('careful', codes[0] ?? '');
    const log = roost.logLines.join('\n');
    for (const code of codes) expect(log).not.toContain(code);
  });
});

test('ways to log in are changed after a fresh login only, and by forms of our own', async () => {
  for (const path of [
    '/account/passkeys',
    '/account/recovery-codes',
    '/account/password',
    '/account/invitations',
  ]) {
    expect((await newBrowser().open(path)).url).toContain(`/oauth2/login?next=${encodeURIComponent(path)}`);
    const browser = newBrowser();
    const page = await logInByPassword(browser, path);
    if (path === '/account/invitations') {
      expect(page.status).toBe(403);
      continue;
    }
    const sent = await browser.submit(page, { form_token: 'x', password: 'x', repeated: 'x', action: 'add' });
    expect(sent.status).toBe(403);
  }
});
