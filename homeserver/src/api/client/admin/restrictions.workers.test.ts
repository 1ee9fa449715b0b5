import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  call,
  logIn,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import type { Env } from '../../../env.ts';

const { DB } = env as unknown as Env;
let root: Signed;
let user: Signed;
let made = 0;

beforeAll(async () => {
  await makeTables();
  root = await registerUser('root');
  await DB.prepare('UPDATE accounts SET is_admin = 1 WHERE user_id = ?').bind(root.userId).run();
});
beforeEach(async () => {
  made += 1;
  user = await registerUser(`user${made}`);
});

const restrict = (kind: 'lock' | 'suspend', userId: string, value: boolean, token = root.accessToken) =>
  call('PUT', `/v1/admin/${kind}/${encodeURIComponent(userId)}`, {
    token,
    body: { [kind === 'lock' ? 'locked' : 'suspended']: value },
  });
const read = (kind: 'lock' | 'suspend', userId: string, token = root.accessToken) =>
  call('GET', `/v1/admin/${kind}/${encodeURIComponent(userId)}`, { token });
const as = (method: string, path: string, body?: object, { accessToken: token } = user) =>
  call(method, path, { token, ...(body && { body }) });

describe('who is locked', () => {
  const locked = { status: 401, body: { errcode: 'M_USER_LOCKED', soft_logout: true } };

  test('can do nothing, until it is lifted, and is still signed in then', async () => {
    expect((await restrict('lock', user.userId, true)).body).toEqual({ locked: true });
    expect((await read('lock', user.userId)).body).toEqual({ locked: true });
    expect((await read('suspend', user.userId)).body).toEqual({ suspended: false });
    for (const [method, path, body] of [
      ['GET', '/v3/account/whoami'],
      ['GET', '/v3/sync'],
      ['POST', '/unstable/org.matrix.simplified_msc3575/sync', {}],
      ['POST', '/v3/createRoom', {}],
      ['GET', '/v1/media/config'],
    ] as const) {
      expect(await as(method, path, body)).toMatchObject(locked);
    }
    expect((await restrict('lock', user.userId, false)).body).toEqual({ locked: false });
    expect((await as('GET', '/v3/account/whoami')).status).toBe(200);
  });

  test('can sign out', async () => {
    await restrict('lock', user.userId, true);
    expect((await as('POST', '/v3/logout', {})).status).toBe(200);
    const again = await logIn(user.userId);
    expect(await as('GET', '/v3/account/whoami', undefined, again)).toMatchObject(locked);
    expect((await as('POST', '/v3/logout/all', {}, again)).status).toBe(200);
  });
});

test('who is suspended reads, leaves and takes back, and says nothing', async () => {
  const room = (await as('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id as string;
  const path = `/v3/rooms/${encodeURIComponent(room)}`;
  const said = await as('PUT', `${path}/send/m.room.message/1`, { msgtype: 'm.text', body: 'x' });
  expect((await restrict('suspend', user.userId, true)).body).toEqual({ suspended: true });
  for (const [method, to, body] of [
    ['PUT', `${path}/send/m.room.message/2`, { msgtype: 'm.text', body: 'y' }],
    ['PUT', `${path}/state/m.room.topic/`, { topic: 'y' }],
    ['POST', '/v3/createRoom', {}],
    ['POST', `/v3/join/${encodeURIComponent(room)}`, {}],
    ['POST', `${path}/invite`, { user_id: root.userId }],
    ['PUT', `/v3/profile/${encodeURIComponent(user.userId)}/displayname`, { displayname: 'y' }],
    ['POST', '/_matrix/media/v3/upload', {}],
  ] as const) {
    expect(await as(method, to, body)).toMatchObject({ status: 403, body: { errcode: 'M_USER_SUSPENDED' } });
  }
  expect((await as('GET', '/v3/sync')).status).toBe(200);
  expect(
    (await as('PUT', `${path}/redact/${encodeURIComponent(String(said.body.event_id))}/3`, {})).status,
  ).toBe(200);
  expect((await as('POST', `${path}/leave`, {})).status).toBe(200);
  await restrict('suspend', user.userId, false);
  expect((await as('POST', '/v3/createRoom', {})).status).toBe(200);
});

test('administrators alone may look and restrict, and not each other', async () => {
  const other = await registerUser(`admin${made}`);
  await DB.prepare('UPDATE accounts SET is_admin = 1 WHERE user_id = ?').bind(other.userId).run();
  const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
  for (const kind of ['lock', 'suspend'] as const) {
    expect(await restrict(kind, root.userId, true, user.accessToken)).toMatchObject(forbidden);
    expect(await read(kind, '@nobody:roost.test', user.accessToken)).toMatchObject(forbidden);
    expect(await restrict(kind, root.userId, true)).toMatchObject(forbidden);
    expect(await restrict(kind, other.userId, true)).toMatchObject(forbidden);
    expect(await restrict(kind, '@nobody:roost.test', true)).toMatchObject({
      status: 404,
      body: { errcode: 'M_NOT_FOUND' },
    });
    expect(await read(kind, '@somebody:elsewhere.test')).toMatchObject({
      status: 400,
      body: { errcode: 'M_INVALID_PARAM' },
    });
    const path = `/v1/admin/${kind}/${encodeURIComponent(user.userId)}`;
    expect((await call('PUT', path, { token: root.accessToken, body: {} })).body.errcode).toBe('M_BAD_JSON');
    expect((await call('GET', path)).status).toBe(401);
  }
});

test('administrators are told what they may do', async () => {
  const moderation = async (of: Signed) => {
    const { body } = await call('GET', '/v3/capabilities', { token: of.accessToken });
    return (body.capabilities as Record<string, unknown>)['m.account_moderation'];
  };
  expect(await moderation(root)).toEqual({ lock: true, suspend: true });
  expect(await moderation(user)).toBeUndefined();
});
