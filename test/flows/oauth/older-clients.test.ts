import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Browser, type Page } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import { Attempt, ask, password, roost, useRoost } from './world.ts';

/** Clients that know no OAuth: `m.login.sso`, `m.login.token`, interactive authentication in a browser. */

useRoost();

const client = 'https://app.example.org/?room=1#/login';

async function post(path: string, body: object, token?: string) {
  const answer = await fetch(`${roost.url}/_matrix/client/${path}`, {
    method: 'POST',
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const redirectPath = (redirectUrl: string, idp = '') =>
  `/_matrix/client/v3/login/sso/redirect${idp}?${new URLSearchParams({ redirectUrl })}`;

async function logIn(browser: Browser, path: string, username = 'olive'): Promise<Page> {
  return browser.submit(await browser.open(path), { username, password });
}

const byToken = (token: string) => post('v3/login', { type: 'm.login.token', token });
const legacyLogin = (user: string) => post('v3/login', { type: 'm.login.password', user, password });

describe('m.login.sso', () => {
  test('is offered, and OAuth before it', async () => {
    const answer = await fetch(`${roost.url}/_matrix/client/v3/login`);
    const { flows } = (await answer.json()) as { flows: object[] };
    expect(flows).toContainEqual(
      expect.objectContaining({ type: 'm.login.sso', oauth_aware_preferred: true }),
    );
    expect(flows).toContainEqual({ type: 'm.login.token', get_login_token: true });
  });

  test('asks the user by the host of the app, and sends them back with a token that logs in once', async () => {
    const browser = new Browser(roost.url);
    const page = await logIn(browser, redirectPath(client));
    expect(page.text).toContain('app.example.org');
    expect(page.text).toContain('@olive:localhost');
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://app.example.org;",
    );
    const sent = new URL((await browser.submit(page, { decision: 'allow' })).url);
    expect(`${sent.origin}${sent.pathname}${sent.hash}`).toBe('https://app.example.org/#/login');
    expect(sent.searchParams.get('room')).toBe('1');
    const token = sent.searchParams.get('loginToken') ?? '';
    const logins = await Promise.all(Array.from({ length: 5 }, () => byToken(token)));
    expect(logins.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
    const session = logins.find(({ status }) => status === 200)?.body;
    const whoami = await ask('v3/account/whoami', String(session?.access_token));
    expect(whoami.body).toMatchObject({ user_id: '@olive:localhost', device_id: session?.device_id });
    expect((await byToken(token)).body).toMatchObject({ errcode: 'M_FORBIDDEN' });
    expect(roost.logLines.join('\n')).not.toContain(token);
  });

  test('gives nothing without the user, and to a strange address never', async () => {
    const browser = new Browser(roost.url);
    const page = await logIn(browser, redirectPath(client));
    const denied = await browser.submit(page, { decision: 'deny' });
    expect(denied.url).not.toContain('loginToken');
    expect((await browser.submit(page, { decision: 'allow', form_token: 'x' })).status).toBe(403);
    for (const target of [
      'javascript:alert(1)',
      'data:text/html,x',
      '//evil.example',
      '',
      'https://a:b@evil.example/',
    ]) {
      expect((await browser.open(redirectPath(target))).status).toBe(400);
      const sent = await browser.submit(page, { decision: 'allow', redirectUrl: target });
      expect(sent.status).toBe(200);
      expect(sent.text).toContain('Nothing was let in');
    }
    const unknown = await fetch(roost.url + redirectPath(client, '/unknown'), { redirect: 'manual' });
    expect(unknown.status).toBe(404);
  });

  test('C10: its tokens end with the password, and are for nothing else', async () => {
    await register(roost.url, 'sso-change', password);
    const { body: session } = await legacyLogin('sso-change');
    const auth = { type: 'm.login.password', user: 'sso-change', password };
    const made = await post('v1/login/get_token', { auth }, String(session.access_token));
    const token = String(made.body.login_token);
    expect((await ask('v3/account/whoami', token)).status).toBe(401);
    const changed = await post(
      'v3/account/password',
      { auth, new_password: 'another password' },
      String(session.access_token),
    );
    expect(changed.status).toBe(200);
    expect((await byToken(token)).status).toBe(403);
    for (const guess of ['', 'x', `${token.slice(0, -1)}A`]) expect((await byToken(guess)).status).toBe(403);
  });
});

describe('v1/login/get_token', () => {
  test('needs the user each time, and gives a token for two minutes', async () => {
    const { body: session } = await legacyLogin('olive');
    const token = String(session.access_token);
    const capabilities = await ask('v3/capabilities', token);
    expect(capabilities.body.capabilities).toMatchObject({
      'm.get_login_token': { enabled: true },
      'm.change_password': { enabled: true },
    });
    const auth = { type: 'm.login.password', user: 'olive', password };
    expect((await post('v1/login/get_token', {}, token)).status).toBe(401);
    const { status, body } = await post('v1/login/get_token', { auth }, token);
    expect(status).toBe(200);
    expect(body).toEqual({ login_token: expect.any(String), expires_in_ms: 120_000 });
    expect((await post('v1/login/get_token', {}, token)).status).toBe(401);
    expect((await byToken(String(body.login_token))).body).toMatchObject({ user_id: '@olive:localhost' });
  });

  test('is not for clients of OAuth, who change no password either', async () => {
    const tokens = await new Attempt().signIn();
    const { body } = await ask('v3/capabilities', tokens.access_token);
    expect(body.capabilities).toMatchObject({
      'm.get_login_token': { enabled: false },
      'm.change_password': { enabled: false },
    });
    expect((await post('v1/login/get_token', {}, tokens.access_token)).status).toBe(404);
  });
});

describe('interactive authentication in a browser', () => {
  async function challenge(token: string, device: string) {
    const answer = await post('v3/delete_devices', { devices: [device] }, token);
    expect(answer.status).toBe(401);
    expect(answer.body.flows).toContainEqual({ stages: ['m.login.sso'] });
    return String(answer.body.session);
  }
  const confirm = async (session: string, username: string) => {
    const browser = new Browser(roost.url);
    const query = new URLSearchParams({ session });
    const page = await logIn(browser, `/_matrix/client/v3/auth/m.login.sso/fallback/web?${query}`, username);
    expect(page.text).toContain('Confirm that it is you');
    return browser.submit(page, {});
  };

  test('lets one request through, of the user who passed it and of the same body', async () => {
    const { body: mine } = await legacyLogin('olive');
    const { body: other } = await legacyLogin('olive');
    const { body: third } = await legacyLogin('olive');
    const token = String(mine.access_token);
    const device = String(other.device_id);
    const session = await challenge(token, device);
    const remove = (devices: string[]) => post('v3/delete_devices', { devices, auth: { session } }, token);
    expect((await remove([device])).status).toBe(401);
    await confirm(session, 'mallory');
    expect((await remove([device])).status).toBe(401);
    const done = await confirm(session, 'olive');
    expect(done.text).toContain('onAuthDone');
    const script = /<script>(.*?)<\/script>/s.exec(done.text)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(done.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash}';`);
    expect((await remove([String(third.device_id)])).status).toBe(401);
    expect((await remove([device])).status).toBe(200);
    expect((await remove([device])).status).toBe(401);
    expect((await ask('v3/account/whoami', String(other.access_token))).status).toBe(401);
    expect((await ask('v3/account/whoami', String(third.access_token))).status).toBe(200);
  });

  test('leads clients of OAuth to the account page, and knows no other stages', async () => {
    const reset = await new Browser(roost.url).open('/_matrix/client/v3/auth/m.oauth/fallback/web?session=x');
    expect(reset.url).toContain(encodeURIComponent('/account?action=org.matrix.cross_signing_reset'));
    const unknown = await fetch(`${roost.url}/_matrix/client/v3/auth/m.login.dummy/fallback/web?session=x`);
    expect(unknown.status).toBe(404);
  });
});

describe('m.login.registration_token in a browser', () => {
  const registration = { username: 'invited', password };
  const begin = async () => {
    const { status, body } = await post('v3/register', registration);
    expect(status).toBe(401);
    return String(body.session);
  };
  const open = (browser: Browser, session: string) =>
    browser.open(
      `/_matrix/client/v3/auth/m.login.registration_token/fallback/web?${new URLSearchParams({ session })}`,
    );
  const finish = (session: string, username = 'invited') =>
    post('v3/register', { ...registration, username, auth: { session } });

  test('lets one registration through, that the token was given for', async () => {
    const answer = await fetch(`${roost.url}/_roost/admin/v1/registration_tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${roost.identity().adminToken}` },
      body: JSON.stringify({ uses: 1 }),
    });
    const { token } = (await answer.json()) as { token: string };
    const [session, other] = [await begin(), await begin()];
    const browser = new Browser(roost.url);
    const refused = await browser.submit(await open(browser, session), { token: 'guessed' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('unknown, has been used');
    expect((await finish(session)).status).toBe(401);
    const done = await browser.submit(refused, { token });
    expect(done.text).toContain('onAuthDone');
    // Nor does it let in for another session, or another account.
    expect((await finish(other)).status).toBe(401);
    expect((await finish(session, 'uninvited')).status).toBe(401);
    expect((await finish(session)).body).toMatchObject({ user_id: '@invited:localhost' });

    const late = await browser.submit(await open(browser, other), { token });
    expect(late.status).toBe(403);
  });

  test('takes no form that it has not shown', async () => {
    const strange = await fetch(`${roost.url}/oauth2/fallback/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ form_token: 'x', session: 'y', token: 'z' }),
    });
    expect(strange.status).toBe(403);
  });
});

test('the login page of clients without a browser of their own leads back to itself', async () => {
  const browser = new Browser(roost.url);
  const page = await browser.open('/_matrix/static/client/login/?device_id=PHONE');
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  const consent = await logIn(browser, page.links[0] ?? '');
  const back = new URL((await browser.submit(consent, { decision: 'allow' })).url);
  expect(back.href).toMatch(`${roost.url}/_matrix/static/client/login/?device_id=PHONE&loginToken=`);
});
