import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createHmac } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { call, logIn, makeTables, password } from '../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../env.ts';
import { makeApp } from '../app.ts';
import { registerBySharedSecret } from './registerBySharedSecret.ts';
import { sharedSecretNonce } from './sharedSecretNonce.ts';

const secret = 'shared secret for tests';
const app = makeApp([sharedSecretNonce, registerBySharedSecret]);
const withSecret = { ...(env as unknown as Env), REGISTRATION_SHARED_SECRET: secret };

beforeAll(makeTables);

async function ask(method: string, body?: object) {
  const request = new Request('https://roost.test/_synapse/admin/v1/register', {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const response = await app.fetch(request, withSecret, createExecutionContext());
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function registration(username: string, changes: Record<string, unknown> = {}) {
  const nonce = (await ask('GET')).body.nonce as string;
  const body = { nonce, username, password, admin: false, ...changes };
  const text = [body.nonce, body.username, body.password, body.admin ? 'admin' : 'notadmin'].join('\0');
  return { ...body, mac: createHmac('sha1', secret).update(text).digest('hex') };
}

test('makes an account by the HMAC of its particulars, and only once', async () => {
  const body = await registration('anna', { displayname: 'Anna' });
  expect(await ask('POST', body)).toMatchObject({
    status: 200,
    body: { user_id: '@anna:roost.test', home_server: 'roost.test', access_token: expect.any(String) },
  });
  expect((await logIn('anna')).userId).toBe('@anna:roost.test');
  expect((await call('GET', '/v3/profile/@anna:roost.test')).body).toEqual({ displayname: 'Anna' });
  expect((await ask('POST', body)).body.errcode).toBe('M_USER_IN_USE');
});

test('makes an administrator if the HMAC says so', async () => {
  expect((await ask('POST', await registration('owner', { admin: true }))).status).toBe(200);
  const { DB } = env as { DB: D1Database };
  const row = await DB.prepare("SELECT is_admin FROM accounts WHERE user_id = '@owner:roost.test'").first();
  expect(row).toEqual({ is_admin: 1 });
});

test('refused: a wrong HMAC, changed particulars, a made-up nonce', async () => {
  const body = await registration('eve');
  expect((await ask('POST', { ...body, mac: 'a'.repeat(40) })).body.errcode).toBe('M_FORBIDDEN');
  expect((await ask('POST', { ...body, admin: true })).body.errcode).toBe('M_FORBIDDEN');
  expect((await ask('POST', { ...body, username: 'other' })).body.errcode).toBe('M_FORBIDDEN');
  for (const nonce of ['made up', '', body.nonce.replace(/^\d+/, '9999999999999')]) {
    expect((await ask('POST', await registration('eve', { nonce }))).body.errcode).toBe('M_INVALID_PARAM');
  }
});

test('does not exist where no secret is set', async () => {
  for (const method of ['GET', 'POST']) {
    const answer = await call(method, '/_synapse/admin/v1/register', {
      ...(method === 'POST' && { body: await registration('eve') }),
    });
    expect(answer).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
  }
});

test('the addresses of the server are well known', async () => {
  expect((await call('GET', '/.well-known/matrix/client')).body).toEqual({
    'm.homeserver': { base_url: 'https://roost.test' },
    'org.matrix.msc4143.rtc_foci': [{ type: 'livekit', livekit_service_url: 'https://rtc.test' }],
  });
  expect((await call('GET', '/.well-known/matrix/server')).body).toEqual({ 'm.server': 'roost.test:443' });
});
