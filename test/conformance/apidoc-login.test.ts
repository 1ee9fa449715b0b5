import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { call, ok } from './lib/http.ts';
import { newName, newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

function logInWith(user: string, password: string, extra: object = {}) {
  return call<{ user_id: string; access_token: string; device_id: string; errcode: string }>(
    'POST',
    '/v3/login',
    {
      body: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password, ...extra },
    },
  );
}

function whoAmI(token: string): Promise<Record<string, unknown>> {
  return ok('GET', '/v3/account/whoami', { token });
}

describe('TestLogin', () => {
  const account = shared<User>(() => newUser());

  test('GET /login yields a set of flows', async () => {
    const { flows } = await ok<{ flows: { type: string }[] }>('GET', '/v3/login');
    expect(flows.map(({ type }) => type)).toContain('m.login.password');
  });

  test('POST /login can login as user', async () => {
    const user = await account();
    const { status, body } = await logInWith(user.userId, user.password);
    expect(status).toBe(200);
    expect(body.user_id).toBe(user.userId);
    expect(await whoAmI(body.access_token)).toMatchObject({
      user_id: user.userId,
      device_id: body.device_id,
    });
  });

  test('POST /login returns the same device id as that in the request', async () => {
    const user = await account();
    const { body } = await logInWith(user.userId, user.password, { device_id: 'conformance_device' });
    expect(body.device_id).toBe('conformance_device');
  });

  test('POST /login can log in as a user with just the local part of the id', async () => {
    const user = await account();
    const { body } = await logInWith(user.localpart, user.password);
    expect(body.user_id).toBe(user.userId);
  });

  test('POST /login as non-existing user is rejected', async () => {
    const { status, body } = await logInWith(newName('nobody'), 'a long password');
    expect([status, body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  });

  test('POST /login wrong password is rejected', async () => {
    const user = await account();
    const { status, body } = await logInWith(user.userId, `not ${user.password}`);
    expect([status, body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Login with uppercase username works and GET /whoami afterwards also', async () => {
    const user = await account();
    const { status, body } = await logInWith(
      `@${user.localpart.toUpperCase()}:${user.serverName}`,
      user.password,
    );
    expect(status).toBe(200);
    expect(await whoAmI(body.access_token)).toMatchObject({ user_id: user.userId });
  });
});

testAnswersOf('apidoc_login');
