import { beforeAll, describe, expect, test } from 'vitest';
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

const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2';
const authData = { public_key: 'abc', signatures: {} };
const room = '!room:roost.test';
const ask = (method: string, path: string, body?: object) =>
  call(method, `/v3/room_keys/${path}`, { token: anna.accessToken, ...(body && { body }) });
const session = (changes: object = {}) => ({
  first_message_index: 1,
  forwarded_count: 0,
  is_verified: false,
  session_data: { ciphertext: 'c', ephemeral: 'e', mac: 'm' },
  ...changes,
});
const keysPath = (version: string, ...path: string[]) =>
  `${['keys', ...path.map(encodeURIComponent)].join('/')}?version=${version}`;
async function newVersion(): Promise<string> {
  return (await ask('POST', 'version', { algorithm, auth_data: authData })).body.version as string;
}

describe('versions', () => {
  test('none, then the newest, then each by name', async () => {
    expect(await ask('GET', 'version')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
    const version = await newVersion();
    expect(version).toEqual(expect.any(String));
    const described = { version, algorithm, auth_data: authData, count: 0, etag: '0' };
    expect((await ask('GET', 'version')).body).toEqual(described);
    expect((await ask('GET', `version/${version}`)).body).toEqual(described);
    expect((await ask('GET', 'version/99')).body.errcode).toBe('M_NOT_FOUND');
  });

  test('only auth_data can be changed', async () => {
    const version = await newVersion();
    const put = (body: object) => ask('PUT', `version/${version}`, body);
    expect((await put({ algorithm, auth_data: { public_key: 'new' }, version })).body).toEqual({});
    expect((await ask('GET', 'version')).body.auth_data).toEqual({ public_key: 'new' });
    expect((await put({ algorithm: 'other', auth_data: {} })).body.errcode).toBe('M_INVALID_PARAM');
    expect((await put({ algorithm, auth_data: {}, version: '77' })).body.errcode).toBe('M_INVALID_PARAM');
    expect((await put({ algorithm })).body.errcode).toBe('M_BAD_JSON');
    expect((await ask('PUT', 'version/99', { algorithm, auth_data: {} })).body.errcode).toBe('M_NOT_FOUND');
  });

  test('deleted with their keys', async () => {
    const version = await newVersion();
    await ask('PUT', keysPath(version, room, 'S'), session());
    expect((await ask('DELETE', `version/${version}`)).body).toEqual({});
    expect((await ask('GET', keysPath(version))).status).toBe(404);
    expect((await ask('DELETE', `version/${version}`)).status).toBe(404);
  });
});

describe('keys', () => {
  test('are put and got by session, room and all', async () => {
    const version = await newVersion();
    const other = '!other/room:roost.test';
    const one = await ask('PUT', keysPath(version, room, 'A/b+c='), session());
    expect(one).toMatchObject({ status: 200, body: { count: 1, etag: expect.any(String) } });
    const two = await ask('PUT', keysPath(version, room), { sessions: { B: session() } });
    expect(two.body.count).toBe(2);
    expect(two.body.etag).not.toBe(one.body.etag);
    const three = await ask('PUT', keysPath(version), { rooms: { [other]: { sessions: { C: session() } } } });
    expect(three.body.count).toBe(3);
    expect((await ask('GET', `version/${version}`)).body).toMatchObject(three.body);

    expect((await ask('GET', keysPath(version, room, 'A/b+c='))).body).toEqual(session());
    expect((await ask('GET', keysPath(version, room))).body).toEqual({
      sessions: { 'A/b+c=': session(), B: session() },
    });
    expect((await ask('GET', keysPath(version))).body).toEqual({
      rooms: {
        [room]: { sessions: { 'A/b+c=': session(), B: session() } },
        [other]: { sessions: { C: session() } },
      },
    });

    expect((await ask('DELETE', keysPath(version, room, 'B'))).body.count).toBe(2);
    expect((await ask('DELETE', keysPath(version, other))).body.count).toBe(1);
    expect((await ask('DELETE', keysPath(version))).body.count).toBe(0);
    expect((await ask('GET', keysPath(version))).body).toEqual({ rooms: {} });
  });

  test('absent ones: a session is not found, a room is empty', async () => {
    const version = await newVersion();
    expect(await ask('GET', keysPath(version, room, 'none'))).toMatchObject({
      status: 404,
      body: { errcode: 'M_NOT_FOUND' },
    });
    expect((await ask('GET', keysPath(version, room))).body).toEqual({ sessions: {} });
    for (const path of [keysPath('99'), keysPath('99', room), keysPath('99', room, 'S')]) {
      for (const method of ['GET', 'DELETE']) expect((await ask(method, path)).status).toBe(404);
    }
  });

  test('more than fits on one page is answered whole', async () => {
    const version = await newVersion();
    const many = (name: string) =>
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${name}${index}`, session()]));
    const rooms = { [room]: { sessions: many('A') }, '!other:roost.test': { sessions: many('B') } };
    expect((await ask('PUT', keysPath(version), { rooms })).body.count).toBe(1200);
    expect((await ask('GET', keysPath(version))).body).toEqual({ rooms });
    expect((await ask('GET', keysPath(version, room))).body).toEqual(rooms[room]);
  });

  test('a worse copy does not replace a better one', async () => {
    const version = await newVersion();
    const put = (changes: object) => ask('PUT', keysPath(version, room, 'S'), session(changes));
    const first = await put({ is_verified: true, first_message_index: 5 });
    expect((await put({ first_message_index: 0 })).body).toEqual(first.body);
    expect((await put({ is_verified: true, first_message_index: 4 })).body.etag).not.toBe(first.body.etag);
    expect((await ask('GET', keysPath(version, room, 'S'))).body).toMatchObject({
      is_verified: true,
      first_message_index: 4,
    });
  });

  test('an old version takes none and names the current one', async () => {
    const old = await newVersion();
    const current = await newVersion();
    for (const [path, body] of [
      [keysPath(old, room, 'S'), session()],
      [keysPath(old, room), { sessions: {} }],
      [keysPath(old), { rooms: {} }],
    ] as const) {
      expect(await ask('PUT', path, body)).toMatchObject({
        status: 403,
        body: { errcode: 'M_WRONG_ROOM_KEYS_VERSION', current_version: current },
      });
    }
  });

  test('refused: no version, a malformed session, no room, no token', async () => {
    const version = await newVersion();
    expect((await ask('GET', 'keys')).body.errcode).toBe('M_MISSING_PARAM');
    for (const changes of [
      { first_message_index: -1 },
      { forwarded_count: 'x' },
      { is_verified: 1 },
      { session_data: 'x' },
      { session_data: { ciphertext: 'x'.repeat(70_000) } },
    ]) {
      expect((await ask('PUT', keysPath(version, room, 'S'), session(changes))).body.errcode).toBe(
        'M_BAD_JSON',
      );
    }
    expect((await ask('PUT', keysPath(version, 'noroom', 'S'), session())).body.errcode).toBe(
      'M_INVALID_PARAM',
    );
    expect((await call('GET', '/v3/room_keys/version')).status).toBe(401);
  });

  test('thousands are streamed as one object', async () => {
    const version = await newVersion();
    const rooms = Object.fromEntries(
      ['!a:roost.test', '!b:roost.test', '!c:roost.test'].map((roomId) => [
        roomId,
        { sessions: Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`S${index}`, session()])) },
      ]),
    );
    expect((await ask('PUT', keysPath(version), { rooms })).body.count).toBe(2100);
    const { body } = await ask('GET', keysPath(version));
    expect(body).toEqual({ rooms });
    const one = (await ask('GET', keysPath(version, '!b:roost.test'))).body;
    expect(one).toEqual(rooms['!b:roost.test']);
  });

  test('belong to one user', async () => {
    const bert = await registerUser('bert');
    const answer = await call('GET', '/v3/room_keys/version', { token: bert.accessToken });
    expect(answer.status).toBe(404);
  });
});
