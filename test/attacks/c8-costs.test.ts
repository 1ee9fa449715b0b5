import { beforeAll, expect, test } from 'vitest';
import { Person, p } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/**
 * C8: what is cheap to ask is not dear to answer. A cost that grew exponentially would not end within the test; what
 * grows with what is sent has a cap.
 */
const { url } = target;
let olive: Person;
let roomId: string;
const long = 'a'.repeat(50_000);

beforeAll(async () => {
  olive = await Person.register(url, 'c8-olive');
  roomId = await olive.createRoom();
});

const messages = (query: string) => olive.call('GET', `${p`/v3/rooms/${roomId}/messages`}?dir=b&${query}`);

test('C8: patterns of many stars end, in filters and in push rules', async () => {
  const stars = `${'*a'.repeat(100)}*b`;
  await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: long }, 'long');
  await olive.send(roomId, 'a'.repeat(250), {}, 'type');
  const filter = encodeURIComponent(JSON.stringify({ types: [stars], not_types: [stars, `${stars}*`] }));
  expect((await messages(`filter=${filter}`)).body.chunk).toEqual([]);
  const condition = { kind: 'event_match', key: 'content.body', pattern: stars };
  await olive.ok('PUT', '/v3/pushrules/global/override/stars', {
    actions: ['notify'],
    conditions: [condition],
  });
  await olive.ok('PUT', '/v3/pushrules/global/content/stars', { actions: ['notify'], pattern: stars });
  const sender = await Person.register(url, 'c8-sender');
  await olive.ok('POST', p`/v3/rooms/${roomId}/invite`, { user_id: sender.userId });
  await sender.ok('POST', p`/v3/rooms/${roomId}/join`, {});
  await sender.send(roomId, 'm.room.message', { msgtype: 'm.text', body: long }, '1');
  expect((await messages('limit=1')).body.chunk[0].sender).toBe(sender.userId);
  expect((await olive.call('GET', '/v3/sync?timeout=0')).status).toBe(200);
});

test('C8: patterns are no regular expressions', async () => {
  const pattern = '(a+)+$';
  await olive.ok('PUT', '/v3/pushrules/global/content/regex', { actions: ['notify'], pattern });
  const filter = encodeURIComponent(JSON.stringify({ types: ['(a+)+$', '[', '\\'] }));
  expect((await messages(`filter=${filter}`)).body.chunk).toEqual([]);
  expect(
    (await olive.call('PUT', '/v3/pushrules/global/content/long', { actions: [], pattern: long })).status,
  ).toBe(400);
});

test.each(['1000000', '999999999999999', '1e6', '-1', 'NaN', '0x10', '1.5'])(
  'C8: limit=%s is capped or refused',
  async (limit) => {
    for (const path of [
      `${p`/v3/rooms/${roomId}/messages`}?dir=b&limit=${limit}`,
      `/v3/notifications?limit=${limit}`,
      `/v3/publicRooms?limit=${limit}`,
      `${p`/v1/rooms/${roomId}/hierarchy`}?limit=${limit}&max_depth=${limit}`,
    ]) {
      const { status, text } = await olive.call('GET', path);
      expect([200, 400]).toContain(status);
      expect(text.length).toBeLessThan(1_000_000);
    }
  },
);

test('C8, R23: account data, filters, profiles and state have their sizes', async () => {
  const huge = { text: 'x'.repeat(1024 * 1024) };
  const user = p`/v3/user/${olive.userId}`;
  const tooLarge: [string, string, unknown][] = [
    ['PUT', `${user}/account_data/org.example.huge`, huge],
    ['PUT', `${user}${p`/rooms/${roomId}/account_data/org.example.huge`}`, huge],
    ['POST', `${user}/filter`, huge],
    ['PUT', p`/v3/rooms/${roomId}/state/org.example.huge/`, huge],
    ['PUT', p`/v3/rooms/${roomId}/send/org.example.huge/huge`, huge],
  ];
  for (const [method, path, body] of tooLarge) {
    expect(await olive.call(method, path, body)).toMatchObject({
      status: 413,
      body: { errcode: 'M_TOO_LARGE' },
    });
  }
  const profile = await olive.call('PUT', p`/v3/profile/${olive.userId}/org.example.huge`, {
    'org.example.huge': huge.text,
  });
  expect(profile).toMatchObject({ status: 400, body: { errcode: 'M_PROFILE_TOO_LARGE' } });
  expect(
    (await olive.call('GET', `/v3/sync?timeout=0&filter=${encodeURIComponent('{'.repeat(5000))}`)).status,
  ).toBe(400);
});

test('C8: lists of which each part costs something have their lengths', async () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => `@c8-nobody-${index}:${target.serverName}`);
  const state = ids.map((id) => ({ type: 'org.example.one', state_key: id.slice(1), content: {} }));
  const answers = await Promise.all([
    olive.call('POST', '/v3/createRoom', { invite: ids }),
    olive.call('POST', '/v3/createRoom', { initial_state: state }),
    olive.call('POST', '/v3/delete_devices', { devices: ids }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  // Rooms may have that many members; of those that are not there nothing is kept.
  const query = { device_keys: Object.fromEntries(ids.map((id) => [id, []])) };
  expect((await olive.ok('POST', '/v3/keys/query', query)).device_keys).toEqual({});
});

test('C8: a sliding sync of a thousand lists and rooms is refused or answered, and not kept', async () => {
  const list = { ranges: Array.from({ length: 1000 }, (_, n) => [n * 10, n * 10 + 1]), timeline_limit: 1e6 };
  const rooms = Array.from({ length: 5000 }, (_, n) => [
    `!room${n}:${target.serverName}`,
    { timeline_limit: 1e6 },
  ]);
  const path = '/unstable/org.matrix.simplified_msc3575/sync?timeout=0';
  const lists = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`list ${n}`, list]));
  for (const body of [{ lists }, { room_subscriptions: Object.fromEntries(rooms) }]) {
    const { status, text } = await olive.call('POST', path, body);
    expect([200, 400, 413]).toContain(status);
    expect(text.length).toBeLessThan(1_000_000);
  }
});

test('C8: the directory of users is not read out by wildcards', async () => {
  for (const search_term of ['%', 'c8_olive', 'c8%olive', '*', '%%%', '\\', "' OR 1=1 --"]) {
    expect((await olive.ok('POST', '/v3/user_directory/search', { search_term })).results).toEqual([]);
  }
});
