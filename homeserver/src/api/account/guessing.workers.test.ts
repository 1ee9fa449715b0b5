import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { Authenticator } from '../../../../test/harness/authenticator.ts';
import { makeTables, registerUser } from '../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { makeStubs } from '../../objects/stubs.ts';
import { makeRecoveryCodes } from '../../services/recovery-codes.ts';
import { makePageToken } from '../access-token.ts';
import { makeApp } from '../app.ts';
import { login } from '../client/login/login.ts';
import { showAccount } from '../oauth/showAccount.ts';
import { showLink } from '../oauth/showLink.ts';
import { showLogin } from '../oauth/showLogin.ts';
import { submitLink } from '../oauth/submitLink.ts';
import { submitPasskeyLogin } from '../passkeys/submitPasskeyLogin.ts';
import { showRecoveryLogin } from './showRecoveryLogin.ts';
import { submitRecoveryLogin } from './submitRecoveryLogin.ts';

/** The ways in other than passwords, with the limits that other tests leave off. */
const app = makeApp([
  ...[login, showLogin, submitPasskeyLogin, showRecoveryLogin, submitRecoveryLogin],
  ...[showAccount, showLink, submitLink],
]);
const strict = { ...(env as unknown as Env), RATE_LIMITS: 'on' };
const config = readConfig(strict);

beforeAll(makeTables);

const send = (path: string, init: RequestInit) =>
  app.fetch(new Request(`https://roost.test${path}`, init), strict, createExecutionContext());

/** What a browser that has opened the page sends with its form. */
async function openForm(path: string): Promise<{ cookie: string; formToken: string; text: string }> {
  const page = await send(path, {});
  const text = await page.text();
  const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
  const [cookie = ''] = page.headers.getSetCookie()[0]?.split(';') ?? [];
  return { cookie, formToken, text };
}

function post(path: string, form: Record<string, string>, cookie: string, address: string) {
  const headers = {
    cookie,
    'cf-connecting-ip': address,
    'content-type': 'application/x-www-form-urlencoded',
  };
  return send(path, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
}

const shapeOf = async (answer: Response) => ({
  status: answer.status,
  text: (await answer.text()).replaceAll(/value="[^"]*"/g, '').replaceAll(/data-options="[^"]*"/g, ''),
});

test('C7: recovery codes are guarded by account, wherever the guesses come from, and then even the right one waits', async () => {
  const { userId } = await registerUser('rosa');
  const db = openD1(strict.DB, false);
  const [code = ''] = await makeRecoveryCodes(db, userId as UserId, config);
  const { cookie, formToken } = await openForm('/oauth2/login/recovery');
  const guess = (username: string, address: string, text: string) =>
    post('/oauth2/login/recovery', { form_token: formToken, username, code: text }, cookie, address);
  for (const username of ['rosa', 'nobody']) {
    const statuses = [];
    for (let count = 0; count < 25; count += 1) {
      statuses.push((await guess(username, `198.51.100.${count}`, 'aaaa-aaaa-aaaa-aaaa')).status);
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(20);
    expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
  }
  expect((await guess('rosa', '198.51.100.99', code)).status).toBe(429);
});

test('C7: an address gets ten tries at passkeys and login tokens a minute', async () => {
  const { cookie, formToken } = await openForm('/oauth2/login');
  const passkey = (address: string) =>
    post('/oauth2/login/passkey', { form_token: formToken, credential: '{}' }, cookie, address);
  const token = (address: string) =>
    send('/_matrix/client/v3/login', {
      method: 'POST',
      headers: { 'cf-connecting-ip': address },
      body: JSON.stringify({ type: 'm.login.token', token: 'roostl_guess' }),
    });
  for (const [attempt, address] of [
    [passkey, '192.0.2.31'],
    [token, '192.0.2.32'],
  ] as const) {
    const statuses = [];
    for (let count = 0; count < 12; count += 1) statuses.push((await attempt(address)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429, 429]);
  }
});

test('C7: what is refused tells nothing of who exists', async () => {
  await registerUser('sven');
  const { cookie, formToken } = await openForm('/oauth2/login/recovery');
  const guess = async (username: string, code: string) =>
    shapeOf(
      await post('/oauth2/login/recovery', { form_token: formToken, username, code }, cookie, '192.0.2.33'),
    );
  const known = await guess('sven', 'aaaa-aaaa-aaaa-aaaa');
  expect(known.status).toBe(403);
  expect(await guess('nobody-at-all', 'aaaa-aaaa-aaaa-aaaa')).toEqual(known);
  expect(await guess('@sven:evil.test', 'aaaa-aaaa-aaaa-aaaa')).toEqual(known);
  expect(await guess('sven', '')).toEqual(known);

  // Passkeys are not listed for a name: whoever asks gets the same, and a made-up one is refused as any other.
  const page = await openForm('/oauth2/login?next=%2Faccount');
  expect(page.text).toContain('&quot;allowCredentials&quot;:[]');
  const stranger = new Authenticator('https://roost.test');
  stranger.create({ challenge: 'x', rp: { id: 'roost.test' }, user: { id: 'x' } });
  const form = { form_token: page.formToken, next: '/account' };
  const credential = stranger.get({ challenge: 'x', rpId: 'roost.test' });
  const unknown = await post('/oauth2/login/passkey', { ...form, credential }, page.cookie, '192.0.2.34');
  const nonsense = await post(
    '/oauth2/login/passkey',
    { ...form, credential: 'x' },
    page.cookie,
    '192.0.2.34',
  );
  expect(await shapeOf(unknown)).toEqual(await shapeOf(nonsense));
});

test('C7: codes of devices are guarded by account, whether they are looked up or sent at once', async () => {
  const token = makePageToken('browser', '@linker:roost.test' as UserId, config);
  await makeStubs(strict)
    .user('@linker:roost.test' as UserId)
    .openBrowserSession(token);
  const login = `__Host-roost-login=${token}`;
  const page = await send('/account', { headers: { cookie: login } });
  const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(await page.text()) ?? [];
  const [form = ''] = page.headers.getSetCookie()[0]?.split(';') ?? [];
  const cookie = `${login}; ${form}`;
  const guess = { form_token: formToken, code: 'BCDF-GHJK', decision: 'allow' };
  const statuses = [];
  for (let count = 0; count < 24; count += 1) {
    const address = `198.51.100.${count}`;
    statuses.push((await post('/link', guess, cookie, address)).status);
  }
  expect(statuses).toEqual([...Array<number>(20).fill(404), ...Array<number>(4).fill(429)]);
  expect((await send('/link?code=BCDF-GHJK', { headers: { cookie } })).status).toBe(429);
});
