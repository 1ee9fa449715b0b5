import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { makeTables, password, registerUser } from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';
import { makeApp } from '../../app.ts';
import { routes } from '../../routes.ts';

/** Owners who want all of their people to log in on the pages. */
const app = makeApp(routes);
const strict = { ...(env as unknown as Env), PASSWORD_LOGIN: 'off' };
const strictest = { ...strict, SSO_LOGIN: 'off' };

beforeAll(makeTables);

async function ask(of: Env, method: string, path: string, body?: object, token?: string) {
  const request = new Request(`https://roost.test/_matrix/client/${path}`, {
    method,
    redirect: 'manual',
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
    ...(body && { body: JSON.stringify(body) }),
  });
  const response = await app.fetch(request, of, createExecutionContext());
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const flowsOf = async (of: Env) =>
  ((await ask(of, 'GET', 'v3/login')).body.flows as { type: string }[]).map(({ type }) => type);

test('GET /login tells what is left', async () => {
  expect(await flowsOf(strict)).toEqual(['m.login.sso', 'm.login.token', 'm.login.application_service']);
  expect(await flowsOf(strictest)).toEqual(['m.login.application_service']);
});

test('without passwords, clients log nobody in by one, and make and change none', async () => {
  const { accessToken: token } = await registerUser('anna');
  const auth = { type: 'm.login.password', user: 'anna', password };
  expect(await ask(strict, 'POST', 'v3/login', auth)).toMatchObject({ status: 400 });
  expect(
    await ask(strict, 'POST', 'v3/account/password', { auth, new_password: 'x'.repeat(10) }, token),
  ).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  const made = { username: 'berta', password, auth: { type: 'm.login.dummy' } };
  expect(await ask(strict, 'POST', 'v3/register', made)).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  const { body } = await ask(strict, 'GET', 'v3/capabilities', undefined, token);
  expect(body.capabilities['m.change_password']).toEqual({ enabled: false });
  const challenge = await ask(strict, 'POST', 'v3/delete_devices', { devices: ['A'], auth }, token);
  expect(challenge).toMatchObject({ status: 401, body: { flows: [{ stages: ['m.login.sso'] }] } });
});

test('without SSO either, older clients are let in by nothing, and confirm nothing', async () => {
  const { accessToken: token } = await registerUser('carla');
  const redirect = 'v3/login/sso/redirect?redirectUrl=https%3A%2F%2Fapp.example.org%2F';
  expect((await ask(strictest, 'GET', redirect)).status).toBe(404);
  expect((await ask(strict, 'GET', redirect)).status).toBe(302);
  expect(await ask(strictest, 'POST', 'v3/login', { type: 'm.login.token', token: 'x' })).toMatchObject({
    status: 400,
  });
  expect((await ask(strictest, 'POST', 'v1/login/get_token', {}, token)).status).toBe(404);
  const refused = await ask(strictest, 'POST', 'v3/delete_devices', { devices: ['A'] }, token);
  expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
});
