import { beforeAll, expect, test, vi } from 'vitest';
import {
  call,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';

let anna: Signed;
beforeAll(async () => {
  await makeTables();
  anna = await registerUser('anna');
});

const path = (name = '', userId = '@anna:roost.test') => `/v3/profile/${userId}${name && `/${name}`}`;
const put = (name: string, body: object, token = anna.accessToken) =>
  call('PUT', path(name), { token, body });
const get = (name = '', userId?: string) => call('GET', path(name, userId));

test('fields are set, told to everyone, and unset', async () => {
  expect((await get()).body).toEqual({ displayname: 'anna' });
  expect((await put('displayname', { displayname: 'Anna 🌻' })).body).toEqual({});
  expect((await put('avatar_url', { avatar_url: 'mxc://roost.test/abc' })).status).toBe(200);
  expect((await put('m.tz', { 'm.tz': 'Europe/Berlin' })).status).toBe(200);
  expect((await put('org.example.list', { 'org.example.list': [1, { a: null }] })).status).toBe(200);
  expect((await get()).body).toEqual({
    displayname: 'Anna 🌻',
    avatar_url: 'mxc://roost.test/abc',
    'm.tz': 'Europe/Berlin',
    'org.example.list': [1, { a: null }],
  });
  expect((await get('displayname')).body).toEqual({ displayname: 'Anna 🌻' });
  expect((await call('GET', '/unstable/uk.tcpip.msc4133/profile/@anna:roost.test/m.tz')).body).toEqual({
    'm.tz': 'Europe/Berlin',
  });

  const remove = (name: string) => call('DELETE', path(name), { token: anna.accessToken });
  expect((await remove('m.tz')).body).toEqual({});
  expect((await remove('m.tz')).status).toBe(200);
  expect(await get('m.tz')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
  expect((await put('avatar_url', { avatar_url: '' })).status).toBe(200);
  expect((await get()).body.avatar_url).toBeUndefined();
  expect((await get('avatar_url')).body).toEqual({});
});

test.each([
  ['displayname', {}, 400, 'M_MISSING_PARAM'],
  ['displayname', { displayname: 5 }, 400, 'M_BAD_JSON'],
  ['displayname', { displayname: 'x'.repeat(300) }, 400, 'M_INVALID_PARAM'],
  ['nodot', { nodot: 1 }, 400, 'M_INVALID_PARAM'],
  ['__proto__', { x: 1 }, 400, 'M_INVALID_PARAM'],
  [`a.${'x'.repeat(300)}`, {}, 400, 'M_KEY_TOO_LARGE'],
  ['a.big', { 'a.big': 'x'.repeat(66_000) }, 400, 'M_PROFILE_TOO_LARGE'],
])('refused: %s', async (name, body, status, errcode) => {
  expect(await put(name, body)).toMatchObject({ status, body: { errcode } });
});

test('the whole profile stays under 64 KiB', async () => {
  const half = 'x'.repeat(40_000);
  expect((await put('a.one', { 'a.one': half })).status).toBe(200);
  expect((await put('a.two', { 'a.two': half })).body.errcode).toBe('M_PROFILE_TOO_LARGE');
  expect((await put('a.one', { 'a.one': `${half}y` })).status).toBe(200);
});

test("others' profiles cannot be changed, unknown ones are not there", async () => {
  const bert = await registerUser('bert');
  expect(await put('displayname', { displayname: 'x' }, bert.accessToken)).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  expect((await call('DELETE', path('displayname'), { token: bert.accessToken })).status).toBe(403);
  expect((await call('PUT', path('displayname'), { body: { displayname: 'x' } })).status).toBe(401);
  for (const userId of ['@nobody:roost.test', '@someone:other.test']) {
    for (const name of ['', 'displayname']) {
      expect(await get(name, userId)).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
    }
  }
  expect((await get('', 'nonsense')).body.errcode).toBe('M_INVALID_PARAM');
});

test('application services set the profiles of their ghosts', async () => {
  const token = 'test-as-token';
  const ghost = '@_test_ghost:roost.test';
  await call('POST', '/v3/register', {
    token,
    body: { type: 'm.login.application_service', username: '_test_ghost', inhibit_login: true },
  });
  const set = await call('PUT', `${path('displayname', ghost)}?user_id=${ghost}`, {
    token,
    body: { displayname: 'Ghost' },
  });
  expect(set.status).toBe(200);
  expect((await get('', ghost)).body).toEqual({ displayname: 'Ghost' });
});

test('the directory finds people by id and name, and no ghosts', async () => {
  await registerUser('cecil');
  await registerUser('cecilia');
  const search = async (body: object) =>
    (await call('POST', '/v3/user_directory/search', { token: anna.accessToken, body })).body;
  expect(await search({ search_term: 'anna 🌻' })).toEqual({
    limited: false,
    results: [{ user_id: '@anna:roost.test', display_name: 'Anna 🌻' }],
  });
  expect(await search({ search_term: 'CECIL' })).toMatchObject({
    limited: false,
    results: [
      { user_id: '@cecil:roost.test', display_name: 'cecil' },
      { user_id: '@cecilia:roost.test', display_name: 'cecilia' },
    ],
  });
  expect(await search({ search_term: 'cecil', limit: 1 })).toMatchObject({ limited: true, results: [{}] });
  for (const term of ['ghost', '', '%', "'"]) {
    expect((await search({ search_term: term })).results).toEqual([]);
  }
  expect((await call('POST', '/v3/user_directory/search', { body: {} })).status).toBe(401);
});

test('a new name and picture reach the member events of joined rooms, and keep up when they go', async () => {
  const dora = await registerUser('dora');
  const token = dora.accessToken;
  const { room_id: roomId } = (await call('POST', '/v3/createRoom', { token, body: {} })).body;
  const member = async () =>
    (
      await call(
        'GET',
        `/v3/rooms/${encodeURIComponent(String(roomId))}/state/m.room.member/${dora.userId}`,
        { token },
      )
    ).body;
  const set = (name: string, value: string) =>
    call('PUT', path(name, dora.userId), { token, body: { [name]: value } });
  await vi.waitFor(async () => {
    await set('displayname', 'Dora');
    await set('avatar_url', 'mxc://roost.test/d');
    expect(await member()).toMatchObject({
      membership: 'join',
      displayname: 'Dora',
      avatar_url: 'mxc://roost.test/d',
    });
  });
  await call('DELETE', path('displayname', dora.userId), { token });
  await vi.waitFor(async () => {
    const content = await member();
    expect(content.displayname).toBeUndefined();
    expect(content.avatar_url).toBe('mxc://roost.test/d');
  });
});
