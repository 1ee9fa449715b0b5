import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adminToken,
  call,
  logIn,
  makeTables,
  password,
  registerUser,
} from '../../../../../test/harness/homeserver-worker.ts';

beforeAll(makeTables);

const dummy = { type: 'm.login.dummy' };
const register = (body: object, path = '/v3/register') => call('POST', path, { body });
const asToken = 'test-as-token';

async function makeToken(options: object): Promise<string> {
  const { body } = await call('POST', '/_roost/admin/v1/registration_tokens', {
    token: adminToken,
    body: options,
  });
  return body.token as string;
}
const byToken = (token: string, username: string) =>
  register({ auth: { type: 'm.login.registration_token', token }, username, password });

describe('registration', () => {
  test('one request with m.login.dummy makes an account and a session', async () => {
    const answer = await register({ auth: dummy, username: 'anna', password, device_id: 'PHONE' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        user_id: '@anna:roost.test',
        device_id: 'PHONE',
        access_token: expect.stringMatching(/^roost_YW5uYQ_[\w-]{43}_[\w-]{11}$/),
      },
    });
    expect(answer.body.refresh_token).toBeUndefined();
    const whoami = await call('GET', '/v3/account/whoami', { token: answer.body.access_token as string });
    expect(whoami.body).toEqual({ user_id: '@anna:roost.test', device_id: 'PHONE', is_guest: false });
  });

  test('without auth it tells the flows; the password is not kept by the session', async () => {
    const first = await register({ username: 'berta', password });
    expect(first).toMatchObject({
      status: 401,
      body: {
        flows: [{ stages: ['m.login.dummy'] }, { stages: ['m.login.registration_token'] }],
        params: {},
      },
    });
    expect(first.body.errcode).toBeUndefined();
    const { session } = first.body;
    const changed = await register({ auth: { ...dummy, session }, username: 'other', password });
    expect(changed.status).toBe(401);
    const second = await register({ auth: { ...dummy, session }, username: 'berta', password });
    expect(second.status).toBe(200);
  });

  test('R13: a made-up stage never passes', async () => {
    for (const auth of [{ type: 'm.login.made_up' }, { type: '__proto__' }, { session: 'x' }, {}]) {
      expect((await register({ auth, username: 'eve', password })).status).toBe(401);
    }
    expect((await call('GET', '/v3/register/available?username=eve')).body).toEqual({ available: true });
  });

  test('names: lowered, checked, taken, reserved, generated', async () => {
    expect((await register({ auth: dummy, username: 'Caesar', password })).body.user_id).toBe(
      '@caesar:roost.test',
    );
    for (const [username, errcode] of [
      ['caesar', 'M_USER_IN_USE'],
      ['CAESAR', 'M_USER_IN_USE'],
      ['not ok', 'M_INVALID_USERNAME'],
      ['', 'M_INVALID_USERNAME'],
      ['é', 'M_INVALID_USERNAME'],
      ['a:b', 'M_INVALID_USERNAME'],
      ['x'.repeat(250), 'M_INVALID_USERNAME'],
      ['_test_ghost', 'M_EXCLUSIVE'],
      ['testbot', 'M_EXCLUSIVE'],
    ] as const) {
      // Told before authentication, as the specification asks.
      expect(await register({ username, password })).toMatchObject({ status: 400, body: { errcode } });
      const available = await call('GET', `/v3/register/available?username=${encodeURIComponent(username)}`);
      expect(available).toMatchObject({ status: 400, body: { errcode } });
    }
    expect((await register({ auth: dummy, password })).body.user_id).toMatch(/^@[a-z2-7]{10}:roost\.test$/);
  });

  test('refused: guests, no password, a malformed body', async () => {
    expect(await register({}, '/v3/register?kind=guest')).toMatchObject({
      status: 403,
      body: { errcode: 'M_FORBIDDEN' },
    });
    expect(await register({ auth: dummy, username: 'dora' })).toMatchObject({
      status: 400,
      body: { errcode: 'M_MISSING_PARAM' },
    });
    expect(await register({ auth: 'x' })).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
    const long = await register({ auth: dummy, username: 'dora', password: 'x'.repeat(5000) });
    expect(long).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } });
  });

  test('inhibit_login gives no session; refresh_token gives a refresh token and an end', async () => {
    const inhibited = await register({ auth: dummy, username: 'emil', password, inhibit_login: true });
    expect(inhibited.body).toEqual({ user_id: '@emil:roost.test' });
    const refreshable = await register({ auth: dummy, username: 'fritz', password, refresh_token: true });
    expect(refreshable.body).toMatchObject({
      refresh_token: expect.stringMatching(/^roostr_/),
      expires_in_ms: expect.any(Number),
    });
  });

  test('two at once with one name: one gets it', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => register({ auth: dummy, username: 'gustav', password })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });
});

test('people are shown by the name they typed, ghosts by what their bridge sets', async () => {
  await register({ auth: dummy, username: 'Hedwig', password });
  expect((await call('GET', '/v3/profile/@hedwig:roost.test')).body).toEqual({ displayname: 'Hedwig' });
  await register({ auth: dummy, username: 'HEDWIG', password });
  expect((await call('GET', '/v3/profile/@hedwig:roost.test')).body).toEqual({ displayname: 'Hedwig' });
  await byToken(await makeToken({ uses: 1 }), 'Isolde');
  expect((await call('GET', '/v3/profile/@isolde:roost.test')).body).toEqual({ displayname: 'Isolde' });
});

describe('registration tokens', () => {
  test('serve as often as they say, however many come at once', async () => {
    const token = await makeToken({ uses: 2 });
    const answers = await Promise.all(['t1', 't2', 't3', 't4'].map((name) => byToken(token, name)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 401 || status === 403)).toHaveLength(2);
  });

  test('are not consumed by a refused name, and are told as valid until used up', async () => {
    const token = await makeToken({ uses: 1 });
    const validity = async () =>
      (await call('GET', `/v1/register/m.login.registration_token/validity?token=${token}`)).body;
    expect((await byToken(token, 'anna')).body.errcode).toBe('M_USER_IN_USE');
    expect(await validity()).toEqual({ valid: true });
    expect((await byToken(token, 'heinz')).status).toBe(200);
    expect(await validity()).toEqual({ valid: false });
  });

  test('expired, unknown and malformed ones do not pass', async () => {
    const expired = await makeToken({ uses: 5, expires_ms: 1000 });
    for (const token of [expired, 'unknown', 'not a token', '']) {
      expect(await byToken(token, 'ines')).toMatchObject({ status: 401, body: { errcode: 'M_FORBIDDEN' } });
    }
  });

  test('make an administrator only if they say so', async () => {
    await byToken(await makeToken({ uses: 1, admin: true }), 'owner');
    await byToken(await makeToken({ uses: 1 }), 'friend');
    const { DB } = env as { DB: D1Database };
    const { results } = await DB.prepare(
      `SELECT user_id, is_admin FROM accounts WHERE user_id IN ('@owner:roost.test', '@friend:roost.test')
       ORDER BY user_id`,
    ).run();
    expect(results).toEqual([
      { user_id: '@friend:roost.test', is_admin: 0 },
      { user_id: '@owner:roost.test', is_admin: 1 },
    ]);
  });

  test('are made and counted only by the owner', async () => {
    const body = { uses: 1 };
    expect((await call('POST', '/_roost/admin/v1/registration_tokens', { body })).status).toBe(401);
    const { accessToken } = await logIn('anna');
    for (const token of [accessToken, asToken, 'wrong']) {
      expect((await call('POST', '/_roost/admin/v1/registration_tokens', { token, body })).status).toBe(403);
      expect((await call('GET', '/_roost/admin/v1/accounts/count', { token })).status).toBe(403);
    }
    const before = (await call('GET', '/_roost/admin/v1/accounts/count', { token: adminToken })).body.count;
    await registerUser('julia');
    const after = (await call('GET', '/_roost/admin/v1/accounts/count', { token: adminToken })).body.count;
    expect(after).toBe((before as number) + 1);
  });
});

describe('application services', () => {
  const ghost = (username: string, token: string | undefined = asToken) =>
    call('POST', '/v3/register', {
      ...(token && { token }),
      body: { type: 'm.login.application_service', username, inhibit_login: true },
    });

  test('make their ghosts, once, and only theirs', async () => {
    expect((await ghost('_test_one')).body).toEqual({ user_id: '@_test_one:roost.test' });
    expect((await ghost('_test_one')).body.errcode).toBe('M_USER_IN_USE');
    expect(await ghost('stranger')).toMatchObject({ status: 400, body: { errcode: 'M_EXCLUSIVE' } });
    expect(await ghost('_test_two', 'wrong')).toMatchObject({
      status: 401,
      body: { errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect(await ghost('_test_two', '')).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
  });

  test('whoami tells whether a ghost is registered; the bot exists from the start', async () => {
    const whoami = (userId?: string) =>
      call('GET', `/v3/account/whoami${userId ? `?user_id=${encodeURIComponent(userId)}` : ''}`, {
        token: asToken,
      });
    expect((await whoami()).body).toEqual({ user_id: '@testbot:roost.test', is_guest: false });
    expect((await whoami('@_test_one:roost.test')).body.user_id).toBe('@_test_one:roost.test');
    expect(await whoami('@_test_none:roost.test')).toMatchObject({
      status: 403,
      body: { errcode: 'M_FORBIDDEN' },
    });
    expect(await whoami('@anna:roost.test')).toMatchObject({ status: 403, body: { errcode: 'M_EXCLUSIVE' } });
  });
});
