import { beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  logIn,
  makeTables,
  password,
  registerUser,
} from '../../../../../test/harness/homeserver-worker.ts';

beforeAll(makeTables);

const proof = (user: string, secret = password) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: secret,
});
const whoami = async (token: string) => (await call('GET', '/v3/account/whoami', { token })).status;
const login = (user: string, secret: string) =>
  call('POST', '/v3/login', { body: { ...proof(user, secret) } });

describe('change of password', () => {
  const change = (token: string, body: object) => call('POST', '/v3/account/password', { token, body });

  test('needs the old one, then signs every other device out', async () => {
    const one = await registerUser('anna');
    const other = await logIn('anna');
    const body = { new_password: 'a new password' };
    expect(await change(one.accessToken, body)).toMatchObject({
      status: 401,
      body: { flows: [{ stages: ['m.login.password'] }, { stages: ['m.login.sso'] }] },
    });
    for (const auth of [
      proof('anna', 'wrong'),
      { type: 'm.login.sso' },
      { type: 'm.login.dummy' },
      { type: 'm.login.password' },
    ]) {
      const refused = await change(one.accessToken, { ...body, auth });
      expect(refused).toMatchObject({ status: 401, body: { errcode: 'M_FORBIDDEN' } });
    }
    const strangers = await change(one.accessToken, { ...body, auth: proof('somebody') });
    expect(strangers).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
    expect((await login('anna', password)).status).toBe(200);

    expect((await change(one.accessToken, { ...body, auth: proof('anna') })).body).toEqual({});
    expect(await whoami(one.accessToken)).toBe(200);
    expect(await whoami(other.accessToken)).toBe(401);
    expect((await login('anna', password)).status).toBe(403);
    expect((await login('anna', 'a new password')).status).toBe(200);
  });

  test('leaves the devices signed in if asked', async () => {
    const one = await registerUser('berta');
    const other = await logIn('berta');
    const body = { new_password: 'a new password', logout_devices: false, auth: proof('@berta:roost.test') };
    expect((await change(one.accessToken, body)).status).toBe(200);
    expect(await whoami(other.accessToken)).toBe(200);
  });

  test('is nothing for application services, and needs a token', async () => {
    expect((await change('test-as-token', { new_password: 'x' })).status).toBe(403);
    const answer = await call('POST', '/v3/account/password', { body: { new_password: 'x' } });
    expect(answer.body.errcode).toBe('M_MISSING_TOKEN');
  });
});

describe('deactivation', () => {
  test('needs the password, ends everything, and keeps the name taken', async () => {
    const { accessToken } = await registerUser('carla');
    const deactivate = (body: object) => call('POST', '/v3/account/deactivate', { token: accessToken, body });
    expect((await deactivate({})).status).toBe(401);
    expect((await deactivate({ auth: proof('carla', 'wrong') })).status).toBe(401);
    expect(await whoami(accessToken)).toBe(200);
    await call('PUT', '/v3/profile/@carla:roost.test/displayname', {
      token: accessToken,
      body: { displayname: 'Carla' },
    });

    const done = await deactivate({ auth: proof('carla'), erase: true });
    expect(done.body).toEqual({ id_server_unbind_result: 'no-support' });
    expect(await whoami(accessToken)).toBe(401);
    expect((await login('carla', password)).body.errcode).toBe('M_FORBIDDEN');
    expect((await call('GET', '/v3/register/available?username=carla')).body.errcode).toBe('M_USER_IN_USE');
    expect((await call('GET', '/v3/profile/@carla:roost.test')).body).toEqual({});
  });
});

test('there are no third-party ids, and none can be had', async () => {
  const { accessToken } = await registerUser('dora');
  expect((await call('GET', '/v3/account/3pid', { token: accessToken })).body).toEqual({ threepids: [] });
  expect((await call('GET', '/v3/account/3pid')).status).toBe(401);
  for (const path of ['3pid', '3pid/add', '3pid/bind']) {
    const refused = await call('POST', `/v3/account/${path}`, { token: accessToken, body: {} });
    expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
    expect((await call('POST', `/v3/account/${path}`, { body: {} })).status).toBe(401);
  }
  for (const path of ['account/3pid', 'account/password', 'register']) {
    for (const kind of ['email', 'msisdn']) {
      const refused = await call('POST', `/v3/${path}/${kind}/requestToken`, { body: {} });
      expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_THREEPID_DENIED' } });
    }
  }
  for (const path of ['delete', 'unbind']) {
    const done = await call('POST', `/v3/account/3pid/${path}`, { token: accessToken, body: {} });
    expect(done.body).toEqual({ id_server_unbind_result: 'no-support' });
  }
});

test('capabilities tell the room versions and what may be changed', async () => {
  const { accessToken } = await registerUser('emil');
  const { body } = await call('GET', '/v3/capabilities', { token: accessToken });
  expect(body).toMatchObject({
    capabilities: {
      'm.room_versions': { default: '12', available: { '1': 'stable', '12': 'stable' } },
      'm.change_password': { enabled: true },
      'm.3pid_changes': { enabled: false },
    },
  });
  const { capabilities } = body as { capabilities: { 'm.room_versions': { available: object } } };
  for (const refused of ['0', '13']) {
    expect(capabilities['m.room_versions'].available).not.toHaveProperty(refused);
    const made = await call('POST', '/v3/createRoom', {
      token: accessToken,
      body: { room_version: refused },
    });
    expect(made.body.errcode).toBe('M_UNSUPPORTED_ROOM_VERSION');
  }
});
