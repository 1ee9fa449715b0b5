import { beforeAll, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { alice, bob, call, carol, createRoom, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople);

interface Found {
  count: number;
  highlights: string[];
  results: { rank: number; result: JsonObject; context?: JsonObject }[];
  next_batch?: string;
  groups?: Record<string, Record<string, { results: string[]; order: number; next_batch?: string }>>;
  state?: Record<string, JsonObject[]>;
}

let sent = 0;
async function say(userId: string, path: string, body: string): Promise<string> {
  sent += 1;
  const content = { msgtype: 'm.text', body };
  const answer = await call(userId, 'PUT', `${path}/send/m.room.message/s${sent}`, content);
  expect(answer).toMatchObject({ status: 200 });
  return String(answer.body.event_id);
}

async function find(userId: string, term: string, more: JsonObject = {}, next = ''): Promise<Found> {
  const criteria = { search_term: term, order_by: 'recent', ...more };
  const path = `/v3/search${next && `?next_batch=${next}`}`;
  const answer = await call(userId, 'POST', path, { search_categories: { room_events: criteria } });
  expect(answer).toMatchObject({ status: 200 });
  return (answer.body.search_categories as JsonObject).room_events as unknown as Found;
}

const ids = ({ results }: Found) => results.map(({ result }) => result.event_id);
const enter = (userId: string, roomId: string) =>
  call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});

test('words of a message are found in any form, all of them, newest first', async () => {
  const { path, roomId } = await createRoom(alice);
  const first = await say(alice, path, 'Martians and men');
  const second = await say(alice, path, 'a martian, no man');
  await say(alice, path, 'neither');
  expect(ids(await find(alice, 'martian'))).toEqual([second, first]);
  expect(await find(alice, 'MEN martians')).toMatchObject({
    count: 1,
    highlights: ['men', 'martians'],
    results: [{ result: { event_id: first, room_id: roomId, content: { body: 'Martians and men' } } }],
  });
  for (const term of ['plutonians', 'body:', '" OR "', '*', '']) {
    expect((await find(alice, term)).results, term).toEqual([]);
  }
});

test('by rank the closest comes first', async () => {
  const { path } = await createRoom(alice);
  const close = await say(alice, path, 'zebra zebra');
  const far = await say(
    alice,
    path,
    'a zebra among many other animals of the zoo that one does not often see',
  );
  const found = await find(alice, 'zebra', { order_by: 'rank' });
  expect(ids(found)).toEqual([close, far]);
  expect(found.results[0]?.rank).toBeGreaterThan(found.results[1]?.rank ?? 0);
});

test('names and topics are found by their keys', async () => {
  const { path } = await createRoom(alice, { name: 'Okapi hall', topic: 'all about the okapi' });
  const message = await say(alice, path, 'okapi!');
  const types = async (keys?: string[]) =>
    (await find(alice, 'okapi', keys ? { keys } : {})).results.map(({ result }) => result.type).sort();
  expect(await types()).toEqual(['m.room.message', 'm.room.name', 'm.room.topic']);
  expect(await types(['content.name'])).toEqual(['m.room.name']);
  expect(await types(['content.topic', 'content.name'])).toEqual(['m.room.name', 'm.room.topic']);
  expect(ids(await find(alice, 'okapi', { keys: ['content.body'] }))).toEqual([message]);
});

test('pages follow on each other, whatever is said meanwhile', async () => {
  const { path } = await createRoom(alice);
  const { path: other } = await createRoom(alice);
  const startMs = Date.now();
  let ms = startMs;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => ms);
  const all: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    ms += 1_000;
    all.unshift(await say(alice, n % 2 ? other : path, `gnu ${n}`));
  }
  const filter = { limit: 2 };
  const one = await find(alice, 'gnu', { filter });
  ms += 1_000;
  await say(alice, path, 'gnu of later');
  const two = await find(alice, 'gnu', { filter }, one.next_batch);
  const three = await find(alice, 'gnu', { filter }, two.next_batch);
  expect([one, two, three].flatMap(ids)).toEqual(all);
  expect(three.next_batch).toBeUndefined();
  clock.mockRestore();
});

test('a result comes with what surrounds it, and with what its sender was called', async () => {
  await call(alice, 'PUT', `/v3/profile/${alice}/displayname`, { displayname: 'Alice then' });
  const { path } = await createRoom(alice);
  const around = [];
  for (const body of ['one', 'two', 'needle', 'three', 'four']) around.push(await say(alice, path, body));
  const [one, two, needle, three, four] = around;
  const context = { before_limit: 2, after_limit: 2, include_profile: true };
  const found = await find(alice, 'needle', { event_context: context });
  expect(ids(found)).toEqual([needle]);
  expect(found.results[0]?.context).toMatchObject({
    events_before: [{ event_id: two }, { event_id: one }],
    events_after: [{ event_id: three }, { event_id: four }],
    profile_info: { [alice]: { displayname: 'Alice then' } },
  });
  await call(alice, 'PUT', `/v3/profile/${alice}/displayname`, { displayname: 'Alice now' });
  const { start, end } = found.results[0]?.context ?? {};
  const before = await call(alice, 'GET', `${path}/messages?dir=f&from=${start}&to=${end}&limit=20`);
  expect((before.body.chunk as JsonObject[]).map((event) => event.event_id)).toEqual(around);
  const none = await find(alice, 'needle', { event_context: { before_limit: 0, after_limit: 0 } });
  expect(none.results[0]?.context).toMatchObject({ events_before: [], events_after: [] });
});

test('results are grouped by room and by sender, and a group has pages of its own', async () => {
  const { path, roomId } = await createRoom(alice, { preset: 'public_chat' });
  const { path: otherPath, roomId: otherId } = await createRoom(alice);
  await enter(bob, roomId);
  const other = await say(alice, otherPath, 'yak 0');
  const one = await say(alice, path, 'yak 1');
  const two = await say(bob, path, 'yak 2');
  const three = await say(alice, path, 'yak 3');
  const groupings = { group_by: [{ key: 'room_id' }, { key: 'sender' }] };
  expect((await find(alice, 'yak', { groupings })).groups).toEqual({
    room_id: {
      [roomId]: { order: 1, results: [three, two, one] },
      [otherId]: { order: 2, results: [other] },
    },
    sender: { [alice]: { order: 1, results: [three, one, other] }, [bob]: { order: 2, results: [two] } },
  });
  const filter = { limit: 2 };
  const first = await find(alice, 'yak', { groupings, filter });
  const ofRoom = first.groups?.room_id?.[roomId]?.next_batch;
  expect(ids(await find(alice, 'yak', { filter }, ofRoom))).toEqual([one]);
  const ofSender = first.groups?.sender?.[alice]?.next_batch;
  expect(ids(await find(alice, 'yak', { filter }, ofSender))).toEqual([one, other]);
});

test('filters name rooms, senders and types; the state of the rooms comes along', async () => {
  const { path, roomId } = await createRoom(alice, { preset: 'public_chat' });
  const { path: otherPath, roomId: otherId } = await createRoom(alice, { name: 'emu' });
  await enter(bob, roomId);
  const own = await say(alice, path, 'emu');
  const theirs = await say(bob, path, 'emu');
  const other = await say(alice, otherPath, 'emu');
  expect(ids(await find(alice, 'emu', { filter: { rooms: [roomId] } }))).toEqual([theirs, own]);
  expect(ids(await find(alice, 'emu', { filter: { not_rooms: [otherId], senders: [alice] } }))).toEqual([
    own,
  ]);
  const typed = { filter: { types: ['m.room.message'], not_senders: [bob] } };
  expect(ids(await find(alice, 'emu', typed)).sort()).toEqual([own, other].sort());
  const { state } = await find(alice, 'emu', { include_state: true, filter: { rooms: [otherId] } });
  expect(Object.keys(state ?? {})).toEqual([otherId]);
  expect(state?.[otherId]?.map(({ type }) => type)).toContain('m.room.name');
  await call(alice, 'PUT', `/v3/user/${alice}/account_data/m.ignored_user_list`, {
    ignored_users: { [bob]: {} },
  });
  expect(ids(await find(alice, 'emu', { filter: { rooms: [roomId] } }))).toEqual([own]);
  await call(alice, 'PUT', `/v3/user/${alice}/account_data/m.ignored_user_list`, { ignored_users: {} });
});

test('a room that was upgraded is searched with the one that it replaces', async () => {
  const { path, roomId } = await createRoom(alice);
  const before = await say(alice, path, 'ibex before');
  const upgraded = await call(alice, 'POST', `${path}/upgrade`, { new_version: '11' });
  const newId = String(upgraded.body.replacement_room);
  const after = await say(alice, `/v3/rooms/${encodeURIComponent(newId)}`, 'ibex after');
  expect(ids(await find(alice, 'ibex', { filter: { rooms: [newId] } }))).toEqual([after, before]);
  expect(ids(await find(alice, 'ibex', { filter: { rooms: [roomId] } }))).toEqual([before]);
  await call(alice, 'POST', `${path}/leave`, {});
  expect(ids(await find(alice, 'ibex', { filter: { rooms: [newId] } }))).toEqual([after, before]);
});

test('what was redacted is not found, whatever the order', async () => {
  const { path } = await createRoom(alice);
  const kept = await say(alice, path, 'lynx kept');
  const gone = await say(alice, path, 'lynx gone');
  await call(alice, 'PUT', `${path}/redact/${encodeURIComponent(gone)}/r`, {});
  expect(ids(await find(alice, 'lynx'))).toEqual([kept]);
  expect(ids(await find(alice, 'lynx', { order_by: 'rank' }))).toEqual([kept]);
});

test('what is in an encrypted room is not in the index', async () => {
  const { path } = await createRoom(alice);
  const before = await say(alice, path, 'kudu before');
  await call(alice, 'PUT', `${path}/state/m.room.encryption/`, { algorithm: 'm.megolm.v1.aes-sha2' });
  await say(alice, path, 'kudu after');
  expect(ids(await find(alice, 'kudu'))).toEqual([before]);
});

test('what was purged is not found', async () => {
  const { path, roomId } = await createRoom(alice);
  await say(alice, path, 'gaur old');
  const nowMs = Date.now();
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => nowMs + 2 * 86_400_000);
  const young = await say(alice, path, 'gaur young');
  const purge = `/_roost/admin/v1/rooms/${encodeURIComponent(roomId)}/purge_history`;
  expect(await call('owner', 'POST', purge, { before_ts: Date.now() })).toMatchObject({
    body: { purged: 1 },
  });
  expect(ids(await find(alice, 'gaur'))).toEqual([young]);
  clock.mockRestore();
});

test.each(['shared', 'invited', 'joined', 'world_readable'])(
  'history visibility %s: only what one may read is found, and nothing more surrounds it',
  async (visibility) => {
    const word = `newt${visibility.replace('_', '')}`;
    const { path, roomId } = await createRoom(alice, {
      preset: 'public_chat',
      initial_state: [
        { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } },
      ],
    });
    const before = await say(alice, path, `${word} before`);
    await enter(bob, roomId);
    const meanwhile = await say(alice, path, `${word} meanwhile`);
    const found = await find(bob, word, { event_context: { before_limit: 5, after_limit: 5 } });
    const isOpen = visibility === 'shared' || visibility === 'world_readable';
    expect(ids(found)).toEqual(isOpen ? [meanwhile, before] : [meanwhile]);
    expect(JSON.stringify(found).includes(`${word} before`)).toBe(isOpen);
    expect(found.count).toBe(isOpen ? 2 : 1);
    expect((await find(carol, word)).results).toEqual([]);
    await call(bob, 'POST', `${path}/leave`, {});
    await say(alice, path, `${word} after`);
    expect(JSON.stringify(await find(bob, word))).not.toContain('after');
  },
);

test.each([
  {},
  { search_categories: { room_events: {} } },
  { search_categories: { room_events: { search_term: 5 } } },
  { search_categories: { room_events: { search_term: 'x'.repeat(1_001) } } },
  { search_categories: { room_events: { search_term: 'x', order_by: 'size' } } },
  { search_categories: { room_events: { search_term: 'x', keys: ['content.secret'] } } },
  { search_categories: { room_events: { search_term: 'x', groupings: { group_by: [{ key: 'type' }] } } } },
  { search_categories: { room_events: { search_term: 'x', event_context: { before_limit: -1 } } } },
])('%j is refused', async (body) => {
  expect(await call(alice, 'POST', '/v3/search', body)).toMatchObject({ status: 400 });
});

test('a token of somebody else, and a search without a token of access, are refused', async () => {
  const body = { search_categories: { room_events: { search_term: 'x' } } };
  const wrong = await call(alice, 'POST', '/v3/search?next_batch=p5', body);
  expect(wrong).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } });
  expect(await call('@nobody:roost.test', 'POST', '/v3/search', body)).toMatchObject({ status: 401 });
  expect(await call(alice, 'POST', '/v3/search', { search_categories: {} })).toEqual({
    status: 200,
    body: { search_categories: {} },
  });
});

test('a message is one row in the index', async () => {
  const { path } = await createRoom(alice);
  const run = vi.spyOn(Sqlite.prototype, 'run');
  await say(alice, path, 'some words that are looked for some day');
  const written = run.mock.calls.flatMap(([statement], index) =>
    statement.includes('search_index') ? [run.mock.results[index]?.value] : [],
  );
  expect(written).toEqual([1]);
  run.mockRestore();
});
