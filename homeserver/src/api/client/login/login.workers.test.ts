import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  logIn,
  makeTables,
  password,
  registerUser,
} from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';
import { makeApp } from '../../app.ts';
import { getTokenOwner } from '../account/getTokenOwner.ts';

beforeAll(async () => {
  await makeTables();
  await registerUser('alice');
});

/** A token of our form that we did not make. */
const forged = (kind: string) => `${kind}_YWxpY2U_${'a'.repeat(43)}_${'a'.repeat(11)}`;

const login = (body: object) => call('POST', '/v3/login', { body });
const whoami = (token: string) => call('GET', '/v3/account/whoami', { token });
const byPassword = (user: string, secret = password) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: secret,
});

describe('login', () => {
  test.each(['alice', '@alice:roost.test', 'Alice'])('by password as %s', async (user) => {
    const { status, body } = await login({ ...byPassword(user), device_id: 'LAPTOP' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user_id: '@alice:roost.test',
      device_id: 'LAPTOP',
      well_known: { 'm.homeserver': { base_url: 'https://roost.test' } },
    });
    expect((await whoami(body.access_token as string)).status).toBe(200);
  });

  test('by the former `user` member', async () => {
    expect((await login({ type: 'm.login.password', user: 'alice', password })).status).toBe(200);
  });

  test('C7: unknown user, wrong password and foreign user are answered alike', async () => {
    const answers = await Promise.all([
      login(byPassword('nobody')),
      login(byPassword('alice', 'wrong')),
      login(byPassword('@alice:other.test')),
      login(byPassword('not a name')),
      login({ type: 'm.login.password', identifier: { type: 'm.id.thirdparty', address: 'a@b' }, password }),
      login({ type: 'm.login.password', password }),
      login({ type: 'm.login.password', user: 'alice' }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.body).toEqual(answers[0]?.body);
    }
    expect(answers[0]?.body.errcode).toBe('M_FORBIDDEN');
  });

  test('R1: the flows are exactly those advertised', async () => {
    const flows = (await call('GET', '/v3/login')).body.flows as { type: string }[];
    expect(flows.map(({ type }) => type)).toEqual([
      'm.login.password',
      'm.login.sso',
      'm.login.token',
      'm.login.application_service',
    ]);
    for (const type of ['m.login.dummy', 'm.login.sso', 'constructor', '']) {
      const refused = await login({ ...byPassword('alice'), type });
      expect(refused).toMatchObject({ status: 400, body: { errcode: 'M_UNKNOWN' } });
    }
    expect((await login({})).body.errcode).toBe('M_BAD_JSON');
  });

  test('a device logs in again: its former token ends', async () => {
    const first = await logIn('alice', { device_id: 'TABLET' });
    const second = await logIn('alice', { device_id: 'TABLET' });
    expect(await whoami(first.accessToken)).toMatchObject({
      status: 401,
      body: { errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect((await whoami(second.accessToken)).status).toBe(200);
  });

  test('application services log their own users in', async () => {
    const body = (user: string) => ({
      type: 'm.login.application_service',
      identifier: { type: 'm.id.user', user },
    });
    const asService = (user: string, token?: string) =>
      call('POST', '/v3/login', { ...(token && { token }), body: body(user) });
    expect((await asService('testbot', 'test-as-token')).body.user_id).toBe('@testbot:roost.test');
    expect((await asService('alice', 'test-as-token')).body.errcode).toBe('M_EXCLUSIVE');
    expect((await asService('_test_unknown', 'test-as-token')).body.errcode).toBe('M_FORBIDDEN');
    expect((await asService('testbot', 'wrong')).body.errcode).toBe('M_UNKNOWN_TOKEN');
    expect((await asService('testbot')).body.errcode).toBe('M_MISSING_TOKEN');
  });
});

describe('refresh', () => {
  const refresh = (token: unknown) => call('POST', '/v3/refresh', { body: { refresh_token: token } });

  test('rotates; the old refresh token works until a new token is used, then never', async () => {
    const { body } = await login({ ...byPassword('alice'), refresh_token: true });
    const lost = await refresh(body.refresh_token);
    expect(lost.status).toBe(200);
    const got = await refresh(body.refresh_token);
    expect(got.body).toMatchObject({ access_token: expect.any(String), expires_in_ms: expect.any(Number) });
    expect((await whoami(got.body.access_token as string)).status).toBe(200);
    expect(await refresh(body.refresh_token)).toMatchObject({
      status: 401,
      body: { errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect((await refresh(got.body.refresh_token)).status).toBe(200);
  });

  test('a refresh token is no access token, nor the other way round', async () => {
    const { body } = await login({ ...byPassword('alice'), refresh_token: true });
    expect((await whoami(body.refresh_token as string)).status).toBe(401);
    expect((await refresh(body.access_token)).status).toBe(401);
    for (const token of ['', 'x', forged('roostr')]) {
      expect(await refresh(token)).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
    }
    expect((await refresh(undefined)).body.errcode).toBe('M_BAD_JSON');
  });

  test('R14: logout ends the refresh token too', async () => {
    const { body } = await login({ ...byPassword('alice'), refresh_token: true });
    await call('POST', '/v3/logout', { token: body.access_token as string });
    expect((await refresh(body.refresh_token)).status).toBe(401);
  });
});

describe('logout', () => {
  test('ends one session at once', async () => {
    const [one, other] = [await logIn('alice'), await logIn('alice')];
    expect(await call('POST', '/v3/logout', { token: one.accessToken })).toMatchObject({
      status: 200,
      body: {},
    });
    expect((await whoami(one.accessToken)).body.errcode).toBe('M_UNKNOWN_TOKEN');
    expect((await whoami(other.accessToken)).status).toBe(200);
  });

  test('C10: all of them', async () => {
    const sessions = [await logIn('alice'), await logIn('alice')];
    expect((await call('POST', '/v3/logout/all', { token: sessions[0]?.accessToken ?? '' })).status).toBe(
      200,
    );
    for (const { accessToken } of sessions) expect((await whoami(accessToken)).status).toBe(401);
  });

  test('a forged token reaches no object, so that none is made by it', async () => {
    const app = makeApp([getTokenOwner]);
    const reached: string[] = [];
    const USERS = {
      getByName(name: string) {
        reached.push(name);
        return (env as unknown as Env).USERS.getByName(name);
      },
    };
    const ask = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const request = new Request('https://roost.test/_matrix/client/v3/account/whoami', { headers });
      const watched = { ...(env as unknown as Env), USERS };
      return (await app.fetch(request, watched, createExecutionContext())).status;
    };
    const { accessToken } = await logIn('alice');
    expect(await ask(accessToken)).toBe(200);
    expect(reached).toEqual(['@alice:roost.test']);
    for (const token of [forged('roost'), accessToken.replace(/^roost_[^_]+/, 'roost_Ym9i')]) {
      expect(await ask(token)).toBe(401);
    }
    expect(reached).toHaveLength(1);
  });

  test('needs a token', async () => {
    expect((await call('POST', '/v3/logout')).body.errcode).toBe('M_MISSING_TOKEN');
    expect((await call('POST', '/v3/logout', { token: 'nonsense' })).body.errcode).toBe('M_UNKNOWN_TOKEN');
  });
});
