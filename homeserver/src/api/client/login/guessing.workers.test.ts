import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { makeTables } from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';
import { makeApp } from '../../app.ts';
import { changePassword } from '../account/changePassword.ts';
import { deactivateAccount } from '../account/deactivateAccount.ts';
import { deleteDevices } from '../devices/deleteDevices.ts';
import { register } from '../registration/register.ts';
import { login } from './login.ts';

/** A server as people run it, with the limits that other tests leave off. */
const app = makeApp([login, register, changePassword, deactivateAccount, deleteDevices]);
const strict = { ...(env as unknown as Env), RATE_LIMITS: 'on', PASSWORD_POLICY: 'on' };

beforeAll(makeTables);
afterEach(() => void vi.restoreAllMocks());

async function ask(path: string, body: object, address: string, token?: string) {
  const request = new Request(`https://roost.test/_matrix/client/v3/${path}`, {
    method: 'POST',
    headers: { 'cf-connecting-ip': address, ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const response = await app.fetch(request, strict, createExecutionContext());
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answer, headers: response.headers };
}

const attempt = (user: string, password: string) => ({ type: 'm.login.password', user, password });

test('C7: an address gets ten attempts a minute, and is told when to come again', async () => {
  const statuses = [];
  for (let count = 0; count < 10; count += 1) {
    statuses.push((await ask('login', attempt(`user${count}`, 'x'), '192.0.2.1')).status);
  }
  expect(new Set(statuses)).toEqual(new Set([403]));
  const limited = await ask('login', attempt('user', 'x'), '192.0.2.1');
  expect(limited).toMatchObject({
    status: 429,
    body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: expect.any(Number) },
  });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('login', attempt('user', 'x'), '192.0.2.2')).status).toBe(403);
});

test('C7: an account is guarded whatever addresses the attempts come from, known or not', async () => {
  for (const user of ['anna', 'nobody']) {
    const statuses = [];
    for (let count = 0; count < 25; count += 1) {
      statuses.push((await ask('login', attempt(user, 'x'), `198.51.100.${count}`)).status);
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  }
});

test('C7: a stolen session does not find the password, whichever endpoint asks for it', async () => {
  const auth = { type: 'm.login.dummy' };
  const made = await ask('register', { username: 'dora', password: 'a long password', auth }, '192.0.2.5');
  // A guess without a password costs no hash, and counts like any other.
  const guess = { auth: { type: 'm.login.password' } };
  const ways: [string, object][] = [
    ['account/password', { new_password: 'x'.repeat(12), ...guess }],
    ['account/deactivate', guess],
    ['delete_devices', { devices: ['A'], ...guess }],
  ];
  const statuses = [];
  for (let count = 0; count < 24; count += 1) {
    const [path, body] = ways[count % 3] ?? ['', {}];
    statuses.push((await ask(path, body, `203.0.113.${count}`, String(made.body.access_token))).status);
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429]);
  expect((await ask('login', attempt('dora', 'a long password'), '192.0.2.6')).status).toBe(429);
});

test('a short password is refused before anything else', async () => {
  const body = { username: 'berta', password: 'seven77', auth: { type: 'm.login.dummy' } };
  expect(await ask('register', body, '192.0.2.3')).toMatchObject({
    status: 400,
    body: { errcode: 'M_WEAK_PASSWORD' },
  });
});

test('R18: neither passwords nor tokens are logged', async () => {
  const lines: string[] = [];
  for (const method of ['log', 'error', 'warn', 'info', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts) => void lines.push(parts.join(' ')));
  }
  const password = 'a very secret password';
  const made = await ask(
    'register',
    { username: 'carla', password, refresh_token: true, auth: { type: 'm.login.dummy' } },
    '192.0.2.4',
  );
  expect(made.status).toBe(200);
  await ask('login', attempt('carla', password), '192.0.2.4');
  await ask('login', { type: 'm.login.password', password: [password] }, '192.0.2.4');
  const logged = lines.join('\n');
  expect(logged).toContain('"operation":"login"');
  for (const secret of [password, made.body.access_token, made.body.refresh_token]) {
    expect(logged).not.toContain(String(secret));
  }
});
