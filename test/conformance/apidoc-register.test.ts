import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { call, ok } from './lib/http.ts';
import { newName, newUser, password, registerBySharedSecret, registerOpenly } from './lib/register.ts';
import { target } from './lib/target.ts';

/** @throws (as skipped) where nobody may register in this way */
async function registered(body: Record<string, unknown>) {
  const answer = await registerOpenly(body);
  if (answer.status === 403 && (answer.body as { errcode?: string }).errcode === 'M_FORBIDDEN') {
    skip('registration is closed');
  }
  if ('flows' in answer.body) skip('registration wants what is not known, such as a token');
  return answer;
}

function errcodeOf(answer: { body: object }): unknown {
  return (answer.body as { errcode?: string }).errcode;
}

function available(username: string) {
  return call('GET', '/v3/register/available', { query: { username } });
}

async function sharedSecretly(username: string, options: { admin?: boolean } = {}) {
  if (target.registrationSharedSecret === undefined) skip('the shared secret is not known');
  if ((await call('GET', '/_synapse/admin/v1/register')).status === 404) skip('there is no admin API');
  return registerBySharedSecret(username, options);
}

describe('TestRegistration', () => {
  test('POST {} returns a set of flows', async () => {
    const { status, body } = await call<{ flows: { stages: string[] }[] }>('POST', '/v3/register', {
      body: {},
    });
    if (status === 403) skip('registration is closed');
    expect(status).toBe(401);
    expect(body).toMatchObject({ session: expect.any(String), params: expect.any(Object) });
    expect(body.flows.length).toBeGreaterThan(0);
    for (const { stages } of body.flows) expect(stages.length).toBeGreaterThan(0);
  });

  test('POST /register can create a user', async () => {
    const username = newName();
    const { status, body } = await registered({ username, password });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user_id: expect.stringMatching(new RegExp(`^@${username}:`)),
      access_token: expect.any(String),
      device_id: expect.any(String),
    });
  });

  test('POST /register downcases capitals in usernames', async () => {
    const username = newName();
    const { body } = await registered({ username: username.toUpperCase(), password });
    expect(body.user_id).toMatch(new RegExp(`^@${username}:`));
  });

  test('POST /register returns the same device id as that in the request', async () => {
    const { body } = await registered({ username: newName(), password, device_id: 'my_device_id' });
    expect(body.device_id).toBe('my_device_id');
  });

  test('POST /register rejects if user already exists', async () => {
    const username = newName();
    expect((await registered({ username, password })).status).toBe(200);
    const again = await registered({ username, password });
    expect([again.status, errcodeOf(again)]).toEqual([400, 'M_USER_IN_USE']);
  });

  for (const char of ['q', '3', '.', '_', '=', '-', '/']) {
    test(`POST /register allows registration of usernames with ${char}`, async () => {
      const username = `${newName()}${char}${char}`;
      const { status, body } = await registered({ username, password });
      expect(status).toBe(200);
      expect(body.user_id.startsWith(`@${username}:`)).toBe(true);
    });
  }

  test('POST /register rejects usernames with special characters', async () => {
    for (const char of [...'!":?\\@[]{|}£é\n\'', ' ', '☕']) {
      const answer = await registered({ username: `${newName()}${char}x`, password });
      expect([char, answer.status, errcodeOf(answer)]).toEqual([char, 400, 'M_INVALID_USERNAME']);
    }
  });

  test('Registration accepts non-ascii passwords', async () => {
    const username = newName();
    const secret = 'übers Übermaß 🔑 пароль';
    const { status, body } = await registered({ username, password: secret });
    expect(status).toBe(200);
    const login = { type: 'm.login.password', identifier: { type: 'm.id.user', user: body.user_id } };
    await ok('POST', '/v3/login', { body: { ...login, password: secret } });
  });

  test('GET /register/available returns available for unregistered user name', async () => {
    const { status, body } = await available(newName());
    if (status === 403) skip('registration is closed');
    expect([status, body.available]).toEqual([200, true]);
  });

  test('GET /register/available returns M_USER_IN_USE for registered user name', async () => {
    const user = await newUser();
    const { status, body } = await available(user.localpart);
    if (status === 403) skip('registration is closed');
    expect([status, body.errcode]).toEqual([400, 'M_USER_IN_USE']);
  });

  test('GET /register/available returns M_INVALID_USERNAME for invalid user name', async () => {
    const { status, body } = await available('username,should_not_be_valid');
    if (status === 403) skip('registration is closed');
    expect([status, body.errcode]).toEqual([400, 'M_INVALID_USERNAME']);
  });

  test('POST /_synapse/admin/v1/register with shared secret', async () => {
    const username = newName();
    const { status, body } = await sharedSecretly(username);
    expect(status).toBe(200);
    expect(body.user_id).toMatch(new RegExp(`^@${username}:`));
    expect(await ok('GET', '/v3/account/whoami', { token: body.access_token })).toMatchObject({
      user_id: body.user_id,
    });
  });

  test('POST /_synapse/admin/v1/register admin with shared secret', async () => {
    const { status, body } = await sharedSecretly(newName(), { admin: true });
    expect(status).toBe(200);
    await ok('GET', '/v3/account/whoami', { token: body.access_token });
  });

  test('POST /_synapse/admin/v1/register with shared secret downcases capitals', async () => {
    const username = newName();
    const { body } = await sharedSecretly(username.toUpperCase());
    expect(body.user_id).toMatch(new RegExp(`^@${username}:`));
  });

  test('POST /_synapse/admin/v1/register with shared secret disallows symbols', async () => {
    const answer = await sharedSecretly(`${newName()}!"£`);
    expect([answer.status, errcodeOf(answer)]).toEqual([400, 'M_INVALID_USERNAME']);
  });
});

testAnswersOf('apidoc_register');
