import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../homeserver/src/api/routes.ts';
import { makeAdministrator } from './lib/administrator.ts';
import { ask, inParallel, Person } from './lib/attacker.ts';
import { cases, fill, isPathOf, parametersOf } from './lib/route-cases.ts';
import { target } from './lib/target.ts';

/** C1: other people's paths, wrong methods, wrong bodies and hostile parameters, on every path of every endpoint. */
const { url, serverName } = target;
let olive: Person;
let mallory: Person;
let administrator: Person;
let roomId: string;
let eventId: string;
const alias = `#c1-secret:${serverName}`;

beforeAll(async () => {
  olive = await Person.register(url, 'c1-olive');
  mallory = await Person.register(url, 'c1-mallory');
  administrator = await makeAdministrator(url, 'c1-administrator');
  roomId = await olive.createRoom({ room_alias_name: 'c1-secret', name: 'marker-room-name' });
  eventId = await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'marker-message' }, '1');
});

/** Bodies that would be right if it were the sender's own affair. */
const rightBodies: Record<string, unknown> = {
  setTyping: { typing: true },
  setProfileField: { displayname: 'Mallory was here', avatar_url: '', 'org.example.a': 1 },
  setPresence: { presence: 'online' },
  setAdminLockUser: { locked: true },
  setAdminSuspendUser: { suspended: true },
  reportRoom: { reason: 'x' },
  reportEvent: { reason: 'x' },
  setAccountData: { a: 1 },
  setRoomStateWithKey: { name: 'Mallory was here' },
  upgradeRoom: { new_version: '12' },
  setReadMarker: { 'm.fully_read': '$x', 'm.read': '$x' },
  sendMessage: { msgtype: 'm.text', body: 'Mallory was here' },
};
const bodyOf = (operationId: string) => {
  if (['inviteUser', 'kick', 'ban', 'unban'].includes(operationId)) return { user_id: mallory.userId };
  if (operationId === 'setRoomAlias') return { room_id: roomId };
  return rightBodies[operationId] ?? {};
};

const valuesFor = (operationId: string): Record<string, string> => ({
  userId: olive.userId,
  roomId,
  roomIdOrAlias: roomId,
  roomAlias: alias,
  eventId,
  threadId: eventId,
  receiptType: 'm.read',
  relType: 'm.annotation',
  keyName: 'displayname',
  eventType: operationId === 'setRoomStateWithKey' ? 'm.room.name' : 'm.room.message',
  stateKey: '',
  serverName,
});

describe("C1: another user's", () => {
  /** To ask after others is what they are for. */
  const aboutOthers = new Set(['getPresence', 'getUserProfile', 'getProfileField', 'reportUser']);

  test('paths are forbidden', async () => {
    const attacked = cases.filter(
      ({ path, endpoint }) =>
        parametersOf(path).includes('userId') &&
        endpoint.auth === 'accessToken' &&
        !aboutOthers.has(endpoint.operationId),
    );
    expect(attacked.length).toBeGreaterThan(15);
    const wrong: string[] = [];
    await inParallel(attacked, async ({ name, method, path, endpoint }) => {
      const { status, text } = await ask(url, method, fill(path, valuesFor(endpoint.operationId)), {
        token: mallory.accessToken,
        ...(endpoint.body && { body: bodyOf(endpoint.operationId) }),
      });
      if (status !== 403 || JSON.parse(text).errcode !== 'M_FORBIDDEN')
        wrong.push(`${name}: ${status} ${text}`);
    });
    expect(wrong).toEqual([]);
    const displayName = await olive.ok('GET', `/v3/profile/${encodeURIComponent(olive.userId)}`);
    expect(displayName).toEqual({ displayname: 'c1-olive' });
  });

  /** What one has of one's own, whatever the room. */
  const ownAffairs = new Set([
    'getRoomTags',
    'setRoomTag',
    'deleteRoomTag',
    'getAccountDataPerRoom',
    'setAccountDataPerRoom',
    'deleteAccountDataPerRoom',
    'getRoomKeysByRoomId',
    'getRoomKeyBySessionId',
    'putRoomKeysByRoomId',
    'putRoomKeyBySessionId',
    'deleteRoomKeysByRoomId',
    'deleteRoomKeyBySessionId',
    // Only the owner reads it, and a refusal would tell which rooms there are.
    'reportRoom',
  ]);

  test('private rooms are as if they were not there', async () => {
    const inRooms = (path: string) =>
      parametersOf(path).some((name) => ['roomId', 'roomIdOrAlias', 'roomAlias'].includes(name));
    const attacked = cases.filter(
      ({ path, endpoint }) =>
        inRooms(path) && endpoint.auth === 'accessToken' && !ownAffairs.has(endpoint.operationId),
    );
    expect(attacked.length).toBeGreaterThan(40);
    const wrong: string[] = [];
    await inParallel(attacked, async ({ name, method, path, endpoint }) => {
      const values = { ...valuesFor(endpoint.operationId), userId: mallory.userId };
      const query = '?dir=b&ts=0';
      const { status, text } = await ask(url, method, fill(path, values) + (method === 'GET' ? query : ''), {
        token: mallory.accessToken,
        ...(endpoint.body && { body: bodyOf(endpoint.operationId) }),
      });
      const refused =
        status === 403 || status === 404 || (status === 400 && endpoint.operationId === 'setRoomAlias');
      if (!refused || /marker-/.test(text)) wrong.push(`${name}: ${status} ${text.slice(0, 300)}`);
    });
    expect(wrong).toEqual([]);
    const { chunk } = await olive.ok('GET', `/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=1`);
    expect(chunk[0].event_id).toBe(eventId);
  });
});

describe('C1: a path', () => {
  test('that is known refuses methods that it has not', async () => {
    const paths = [...new Set(cases.map(({ path }) => path))].map((path) => fill(path));
    const wrong: string[] = [];
    await inParallel(paths, async (path) => {
      const known = new Set(cases.filter((each) => isPathOf(each.path, path)).map(({ method }) => method));
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
        if (known.has(method)) continue;
        const { status, body } = await ask(url, method, path, { token: mallory.accessToken });
        if (status !== 405 || body.errcode !== 'M_UNRECOGNIZED') wrong.push(`${method} ${path}: ${status}`);
      }
    });
    expect(wrong).toEqual([]);
  });

  test.each([
    '/',
    '/_matrix',
    '/_matrix/client',
    '/_matrix/client/v3',
    '/_matrix/client/v3/nothing',
    '/_matrix/client/v9/sync',
    '/_matrix/client/v3/Sync',
    '/_MATRIX/client/v3/sync',
    '/_matrix/client/v3//sync',
    '/_matrix//client/v3/sync',
    '/_matrix/client/v3%2Fsync',
    '/_matrix/client/v3/sync%00',
    '/_matrix/client/v3/sync/x',
    '/_roost/admin/v1',
    '/_roost/admin/v1/nothing',
    '/_synapse/admin/v1/nothing',
    '/_bridge/slack/events',
    '/_bridge/__proto__/events',
    '/_bridge/constructor/events',
  ])('that is unknown is M_UNRECOGNIZED, with or without a token: %s', async (path) => {
    for (const [method, token] of [
      ['GET', undefined],
      ['GET', mallory.accessToken],
      ['POST', target.adminToken],
    ] as const) {
      expect(await ask(url, method, path, { token })).toMatchObject({
        status: 404,
        body: { errcode: 'M_UNRECOGNIZED' },
      });
    }
  });
});

/** Who may ask an endpoint, so that what is refused is refused for the request. */
const tokenFor = (auth: string, { accessToken } = mallory) => {
  if (auth === 'admin') return target.adminToken;
  return auth === 'administrator' ? administrator.accessToken : accessToken;
};

describe('C1: a body', () => {
  const reading = routes.filter(({ body, auth }) => body && auth !== 'appservice' && auth !== 'server');
  const deep = `${'{"a":'.repeat(150)}1${'}'.repeat(150)}`;
  const bodies: [name: string, raw: BodyInit, errcodes: string[]][] = [
    ['that is cut off', '{"a":', ['M_NOT_JSON']],
    ['that is text', 'a=1&b=2', ['M_NOT_JSON']],
    ['that is not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ['M_NOT_JSON']],
    ['that is nested 150 deep', deep, ['M_NOT_JSON', 'M_BAD_JSON']],
    ['that is a list', '[]', ['M_BAD_JSON']],
    ['that is a list of objects', '[{}]', ['M_BAD_JSON']],
    ['that is a string', '"x"', ['M_BAD_JSON']],
    ['that is a number', '1', ['M_BAD_JSON']],
    ['that is null', 'null', ['M_BAD_JSON']],
  ];
  test.each(bodies)('%s is refused by every endpoint', async (_, raw, errcodes) => {
    const wrong: string[] = [];
    await inParallel(reading, async ({ operationId, method, paths, auth }) => {
      const path = fill(paths[0], { ...valuesFor(operationId), userId: mallory.userId });
      const { status, body, text } = await ask(url, method, path, { token: tokenFor(auth), raw });
      if (status !== 400 || !errcodes.includes(body.errcode)) wrong.push(`${operationId}: ${status} ${text}`);
    });
    expect(wrong).toEqual([]);
  });

  test('over the limit is refused, whatever it says of its length', async () => {
    const piece = new TextEncoder().encode(`"${'x'.repeat(1024 * 1024)}",`);
    const endless = () => {
      let sent = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 1;
          if (sent > 12) controller.close();
          else controller.enqueue(piece);
        },
      });
    };
    for (const operationId of ['sendMessage', 'login']) {
      const endpoint = routes.find((each) => each.operationId === operationId);
      const path = fill(endpoint?.paths[0] ?? '', { ...valuesFor(operationId), userId: mallory.userId });
      // A server that has heard enough may hang up before all is sent.
      const answer = await fetch(url + path, {
        method: endpoint?.method ?? '',
        headers: { authorization: `Bearer ${mallory.accessToken}` },
        body: endless(),
        duplex: 'half',
      } as RequestInit).catch(() => undefined);
      if (answer) {
        expect(answer.status).toBe(413);
        expect(await answer.json()).toMatchObject({ errcode: 'M_TOO_LARGE' });
      }
    }
    expect((await mallory.call('GET', '/v3/account/whoami')).status).toBe(200);
  });
});

describe('C1: parameters', () => {
  const hostile: Record<string, string> = {
    'a NUL': '%00',
    'bytes that are no UTF-8': '%FF%FE',
    'half a surrogate pair': '%ED%A0%80',
    'a prototype': '__proto__',
    SQL: "'%20OR%201=1;--",
    'line ends': 'a%0D%0AX-Injected:%201',
    'a thousand characters': 'x'.repeat(1000),
    'a room of nowhere': `!${'x'.repeat(20)}:%5B::1%5D:99999`,
  };
  /** They would end the session of the attack. */
  const ending = new Set(['logout', 'logout_all', 'deactivateAccount']);

  test.each(Object.entries(hostile))('that are %s never make an endpoint fail', async (_, value) => {
    const eve = await Person.register(url, `c1-eve-${Math.abs(hash(value))}`);
    const failed: string[] = [];
    await inParallel(
      routes.filter(({ operationId }) => !ending.has(operationId)),
      async (endpoint) => {
        const { operationId, method } = endpoint;
        const [path] = endpoint.paths;
        const concrete = path.replace(/\{[^}]+\}/g, value);
        const query = `?limit=${value}&from=${value}&since=${value}&filter=${value}&at=${value}&timeout=0`;
        for (const suffix of parametersOf(path).length > 0 ? ['', query] : [query]) {
          const { status, headers } = await ask(url, method, concrete + suffix, {
            token: tokenFor(endpoint.auth, eve),
            ...(endpoint.body && { body: rightBodies[operationId] ?? {} }),
          });
          // Of a room of nowhere another server is asked, which is not there.
          const isElsewhere =
            status === 502 && ['joinRoom', 'joinRoomById', 'knockRoom'].includes(operationId);
          if ((status >= 500 && !isElsewhere) || headers.has('x-injected'))
            failed.push(`${operationId}: ${status}`);
        }
      },
    );
    expect(failed).toEqual([]);
  });
});

function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) | 0, 7);
}
