import { evictDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';
const carol = '@carol:roost.test';

const requiredState = [
  ['m.room.name', ''],
  ['m.room.encryption', ''],
  ['m.room.topic', ''],
  ['m.room.avatar', ''],
  ['m.room.canonical_alias', ''],
  ['m.room.power_levels', ''],
  ['m.room.join_rules', ''],
  ['m.room.tombstone', ''],
  ['m.room.create', ''],
  ['m.room.history_visibility', ''],
  ['m.room.member', '$LAZY'],
  ['m.room.member', '$ME'],
  ['io.element.functional_members', ''],
  ['org.matrix.msc3401.call.member', '*'],
  ['m.space.parent', '*'],
  ['m.space.child', '*'],
  ['org.matrix.msc3672.beacon_info', '*'],
];

/** What Element X sends for its room list. */
const roomList = (last = 19, more: Json = {}): Json => ({
  conn_id: 'room-list',
  lists: { all_rooms: { timeline_limit: 1, ranges: [[0, last]], required_state: requiredState } },
  extensions: {
    account_data: { enabled: true },
    receipts: { enabled: true },
    typing: { enabled: true },
  },
  ...more,
});

const bodies = (room: Json) => room.timeline.map((event: Json) => event.content.body);
const stateOf = (room: Json) => room.required_state.map((event: Json) => `${event.type}|${event.state_key}`);

async function withRoom(name: string): Promise<{ alice: TestClient; room: FakeRoom }> {
  const alice = await TestClient.login(name);
  const room = FakeRoom.created(name, alice.userId, bob);
  room.message(bob, 'first');
  await alice.user.applyRoomDelta(room.snapshot());
  return { alice, room };
}

test('the first answer has what a room list shows', async () => {
  const { alice, room } = await withRoom('ss-first');
  const answer = await alice.sliding(roomList());
  expect(answer.lists).toEqual({ all_rooms: { count: 1 } });
  const entry = answer.rooms[room.roomId];
  expect(entry).toMatchObject({
    initial: true,
    name: 'ss-first',
    is_dm: false,
    joined_count: 2,
    invited_count: 0,
    notification_count: 1,
    limited: true,
    num_live: 0,
    prev_batch: `p${room.position - 1}`,
  });
  expect(bodies(entry)).toEqual(['first']);
  expect(entry.timeline[0]).not.toHaveProperty('room_id');
  expect(entry.bump_stamp).toBeGreaterThan(0);
  const expected = [
    'm.room.create|',
    'm.room.history_visibility|',
    'm.room.join_rules|',
    `m.room.member|${alice.userId}`,
    `m.room.member|${bob}`,
    'm.room.name|',
    'm.room.power_levels|',
  ];
  expect(stateOf(entry).sort()).toEqual(expected.sort());
  expect(answer.extensions.account_data.global[0].type).toBe('m.push_rules');
});

test('a message ends the wait and brings the message alone', async () => {
  const { alice, room } = await withRoom('ss-live');
  const { pos } = await alice.sliding(roomList());
  const waiting = alice.sliding(roomList(), { pos, timeout: '60000' });
  await alice.untilWaiting();
  await evictDurableObject(alice.stub);
  room.message(bob, 'second');
  await alice.user.applyRoomDelta(room.delta());
  const entry = (await waiting).rooms[room.roomId];
  expect(bodies(entry)).toEqual(['second']);
  expect(entry).toMatchObject({ limited: false, num_live: 1, notification_count: 2 });
  expect(entry).not.toHaveProperty('initial');
  expect(entry).not.toHaveProperty('required_state');
  expect(entry).not.toHaveProperty('name');
});

test('the time-out gives an empty answer whose pos goes on', async () => {
  const { alice, room } = await withRoom('ss-timeout');
  const { pos } = await alice.sliding(roomList());
  const empty = await alice.sliding(roomList(), { pos, timeout: '40' });
  expect(empty).toMatchObject({ pos, rooms: {} });
  room.message(bob, 'later');
  await alice.user.applyRoomDelta(room.delta());
  const next = await alice.sliding(roomList(), { pos: empty.pos, timeout: '30000' });
  expect(bodies(next.rooms[room.roomId])).toEqual(['later']);
});

test('R31: a repeated pos gets what its lost answer had, for every device by itself', async () => {
  const { alice, room } = await withRoom('ss-repeat');
  const first = await alice.sliding(roomList());
  const other = FakeRoom.created('ss-repeat-other', alice.userId, bob);
  await alice.user.applyRoomDelta(other.snapshot());
  room.message(carol, 'by a new sender');
  await alice.user.applyRoomDelta(room.delta());
  const lost = await alice.sliding(roomList(), { pos: first.pos });
  await evictDurableObject(alice.stub);
  const again = await alice.sliding(roomList(), { pos: first.pos });
  const strip = (answer: Json) => JSON.stringify(answer.rooms).replace(/"age":\d+/g, '');
  expect(strip(again)).toBe(strip(lost));
  expect(again.rooms[other.roomId].initial).toBe(true);
  expect((await alice.rawSliding(roomList(), { pos: lost.pos })).status).toBe(400);
  const next = await alice.sliding(roomList(), { pos: again.pos });
  expect(next.rooms).toEqual({});
});

test('foreign, old and malformed positions are unknown', async () => {
  const { alice, room } = await withRoom('ss-unknown');
  const first = await alice.sliding(roomList());
  await alice.sliding(roomList());
  const other = (await TestClient.login('ss-unknown-other')).sliding(roomList());
  const otherDevice = await alice.sliding({ ...roomList(), conn_id: 'another' });
  for (const pos of ['nonsense', first.pos, (await other).pos, otherDevice.pos, `${first.pos}0`]) {
    const response = await alice.rawSliding(roomList(), { pos, timeout: '30000' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errcode: 'M_UNKNOWN_POS' });
  }
  expect(room.position).toBeGreaterThan(0);
});

test('a list grows by its ranges, newest first, and each room comes once', async () => {
  const alice = await TestClient.login('ss-grow');
  const rooms: FakeRoom[] = [];
  for (let index = 0; index < 12; index += 1) {
    const room = FakeRoom.created(`ss-grow-${index}`, alice.userId, bob);
    rooms.push(room);
    await alice.user.applyRoomDelta(room.snapshot());
  }
  const newest = rooms.toReversed().map((room) => room.roomId);
  const first = await alice.sliding(roomList(3));
  expect(first.lists.all_rooms.count).toBe(12);
  expect(Object.keys(first.rooms)).toEqual(newest.slice(0, 4));
  const second = await alice.sliding(roomList(7), { pos: first.pos });
  expect(Object.keys(second.rooms)).toEqual(newest.slice(4, 8));
  // Two of the rooms below move up at once; only one fits into a window of one.
  const [a, b] = [rooms[0], rooms[1]];
  for (const room of [a, b]) {
    room?.message(bob, 'up');
    if (room) await alice.user.applyRoomDelta(room.delta());
  }
  const third = await alice.sliding(roomList(0), { pos: second.pos });
  expect(Object.keys(third.rooms)).toEqual([b?.roomId]);
  const rest = await alice.sliding(roomList(99), { pos: third.pos });
  expect(Object.keys(rest.rooms).sort()).toEqual([a?.roomId, ...newest.slice(8, 10)].sort());
  for (const room of Object.values<Json>(rest.rooms)) expect(room.initial).toBe(true);
});

test('a room that was passed over brings everything since, with its receipts', async () => {
  const { alice, room } = await withRoom('ss-skip');
  const first = await alice.sliding(roomList());
  const other = FakeRoom.created('ss-skip-other', alice.userId, bob);
  room.message(bob, 'unseen');
  const event = room.message(bob, 'unseen too');
  await alice.user.applyRoomDelta(
    room.delta({ receipts: { [event.event_id]: { 'm.read': { [bob]: { ts: 1 } } } } }),
  );
  await alice.user.applyRoomDelta(other.snapshot());
  const narrow = await alice.sliding(roomList(0), { pos: first.pos });
  expect(Object.keys(narrow.rooms)).toEqual([other.roomId]);
  const wide = roomList(19);
  wide.lists.all_rooms.timeline_limit = 20;
  const back = await alice.sliding(wide, { pos: narrow.pos });
  expect(bodies(back.rooms[room.roomId]).slice(-3)).toEqual(['first', 'unseen', 'unseen too']);
  expect(back.extensions.receipts.rooms[room.roomId].content[event.event_id]['m.read']).toHaveProperty([bob]);
});

test('a subscription raises limit and state at once, and is nothing for strangers', async () => {
  const { alice, room } = await withRoom('ss-sub');
  room.add(bob, 'm.room.pinned_events', { pinned: [] }, '');
  await alice.user.applyRoomDelta(room.delta());
  const first = await alice.sliding(roomList());
  const subscription = {
    timeline_limit: 20,
    required_state: [...requiredState, ['m.room.pinned_events', '']],
  };
  const subscribed = roomList(19, {
    room_subscriptions: { [room.roomId]: subscription, '!stranger:roost.test': subscription },
  });
  const second = await alice.sliding(subscribed, { pos: first.pos, timeout: '30000' });
  const entry = second.rooms[room.roomId];
  expect(entry.unstable_expanded_timeline).toBe(true);
  expect(entry.timeline).toHaveLength(9);
  expect(entry.limited).toBe(false);
  expect(entry.num_live).toBe(0);
  expect(stateOf(entry)).toEqual(['m.room.pinned_events|']);
  expect(Object.keys(second.rooms)).toEqual([room.roomId]);
  const third = await alice.sliding(subscribed, { pos: second.pos, timeout: '20' });
  expect(third.rooms).toEqual({});
});

test('lazy members: senders once, and every changed membership', async () => {
  const { alice, room } = await withRoom('ss-lazy');
  room.member(carol, 'join');
  await alice.user.applyRoomDelta(room.delta());
  let { pos } = await alice.sliding(roomList());
  const next = async () => {
    await alice.user.applyRoomDelta(room.delta());
    const answer = await alice.sliding(roomList(), { pos });
    ({ pos } = answer);
    return answer.rooms[room.roomId];
  };
  room.message(bob, 'bob is new to the timeline');
  expect(stateOf(await next())).toEqual([`m.room.member|${bob}`]);
  room.message(bob, 'again');
  expect(await next()).not.toHaveProperty('required_state');
  room.member(bob, 'join', bob, { displayname: 'Bob' });
  expect(stateOf(await next())).toEqual([`m.room.member|${bob}`]);
  room.member('@dora:roost.test', 'invite', bob);
  expect(stateOf(await next())).toEqual(['m.room.member|@dora:roost.test']);
});

test('of many events the newest within the limit come, limited', async () => {
  const { alice, room } = await withRoom('ss-limited');
  const { pos } = await alice.sliding(roomList());
  for (let index = 0; index < 5; index += 1) room.message(bob, String(index));
  await alice.user.applyRoomDelta(room.delta());
  const entry = (await alice.sliding(roomList(), { pos })).rooms[room.roomId];
  expect(bodies(entry)).toEqual(['4']);
  expect(entry).toMatchObject({ limited: true, num_live: 1, prev_batch: `p${room.position - 1}` });
});

test('an invitation comes with its stripped state, acceptance anew, leaving with the own member event', async () => {
  const alice = await TestClient.login('ss-invite');
  const first = await alice.sliding(roomList());
  const room = new FakeRoom('ss-invite', alice.userId);
  room.add(bob, 'm.room.create', { room_version: '12' }, '');
  room.member(bob, 'join');
  room.add(bob, 'm.room.name', { name: 'party' }, '');
  await alice.user.applyRoomDelta(room.invitation(bob));
  const invites = { invites: { timeline_limit: 8, ranges: [[0, 16]], filters: { is_invite: true } } };
  const second = await alice.sliding(roomList(), { pos: first.pos });
  expect(second.rooms[room.roomId]).toMatchObject({ initial: true, name: 'party', joined_count: 1 });
  expect(second.rooms[room.roomId].invite_state.map((event: Json) => event.type)).toContain('m.room.create');
  const list = await alice.sliding({ conn_id: 'notifications', lists: invites });
  expect(list.lists.invites.count).toBe(1);
  expect(Object.keys(list.rooms)).toEqual([room.roomId]);

  room.member(alice.userId, 'join');
  await alice.user.applyRoomDelta(room.snapshot());
  const third = await alice.sliding(roomList(), { pos: second.pos });
  expect(third.rooms[room.roomId].initial).toBe(true);
  expect(third.rooms[room.roomId]).not.toHaveProperty('invite_state');

  room.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(room.delta());
  const fourth = await alice.sliding(roomList(), { pos: third.pos });
  const own = fourth.rooms[room.roomId].required_state.find(
    (event: Json) => event.state_key === alice.userId,
  );
  expect(own.content.membership).toBe('leave');
  expect(fourth.lists.all_rooms.count).toBe(0);

  // C3: neither a list nor a subscription shows the room to one who has left.
  const subscribed = roomList(19, {
    room_subscriptions: { [room.roomId]: { timeline_limit: 20, required_state: requiredState } },
  });
  expect((await alice.sliding(subscribed)).rooms).toEqual({});
});

test('R12: whom a room bans learns of it, and nothing after it by list or subscription', async () => {
  const { alice, room } = await withRoom('ss-ban');
  const subscribed = roomList(19, {
    room_subscriptions: { [room.roomId]: { timeline_limit: 20, required_state: requiredState } },
  });
  const first = await alice.sliding(subscribed);
  room.member(alice.userId, 'ban', bob);
  await alice.user.applyRoomDelta(room.delta());
  const second = await alice.sliding(subscribed, { pos: first.pos });
  expect(second.rooms[room.roomId].timeline.at(-1).content.membership).toBe('ban');
  expect((await alice.sliding(subscribed, { pos: second.pos })).rooms).toEqual({});
  // The room stays in the list, as it was, with the one event that the list asks for.
  const anew = (await alice.sliding(subscribed)).rooms[room.roomId];
  expect(anew.timeline.map((event: Json) => event.content.membership)).toEqual(['ban']);
});

test('receipts reset the counts, typing comes and goes, account data comes once', async () => {
  const { alice, room } = await withRoom('ss-ext');
  let { pos } = await alice.sliding(roomList());
  const next = async () => {
    const answer = await alice.sliding(roomList(), { pos, timeout: '30000' });
    ({ pos } = answer);
    return answer;
  };
  const event = room.message(bob, 'unread');
  await alice.user.applyRoomDelta(room.delta());
  expect((await next()).rooms[room.roomId].notification_count).toBe(2);
  const receipts = { [event.event_id]: { 'm.read': { [alice.userId]: { ts: 5 } } } };
  await alice.user.applyRoomDelta(room.delta({ receipts }));
  const read = await next();
  expect(read.rooms[room.roomId].notification_count).toBe(0);
  expect(read.extensions.receipts.rooms[room.roomId]).toEqual({ type: 'm.receipt', content: receipts });
  for (const typing of [[bob as UserId], []]) {
    await alice.user.applyRoomDelta(room.delta({ typing }));
    const answer = await next();
    expect(answer.rooms).toEqual({});
    expect(answer.extensions.typing.rooms[room.roomId].content).toEqual({ user_ids: typing });
  }
  await alice.user.putAccountData('m.tag', { tags: { 'm.favourite': {} } }, room.roomId);
  await alice.user.putAccountData('m.direct', { [bob]: [room.roomId] });
  const data = (await next()).extensions.account_data;
  expect(data.global).toEqual([{ type: 'm.direct', content: { [bob]: [room.roomId] } }]);
  expect(data.rooms[room.roomId]).toEqual([{ type: 'm.tag', content: { tags: { 'm.favourite': {} } } }]);
  const direct = { dms: { timeline_limit: 1, ranges: [[0, 9]], filters: { is_dm: true } } };
  const dms = await alice.sliding({ lists: direct });
  expect(dms.rooms[room.roomId].is_dm).toBe(true);
  const tagged = { favourites: { timeline_limit: 1, filters: { not_tags: ['m.favourite'] } } };
  expect((await alice.sliding({ lists: tagged })).lists.favourites.count).toBe(0);
});

test('the encryption loop: to-device by its own since, key counts always, device lists with pos', async () => {
  const alice = await TestClient.login('ss-e2ee');
  const ask = (since?: string): Json => ({
    conn_id: 'encryption',
    extensions: { to_device: { enabled: true, ...(since && { since }) }, e2ee: { enabled: true } },
  });
  const send = (messageId: string) =>
    alice.user.enqueueToDevice([
      { messageId, deviceId: alice.deviceId, type: 'm.test', sender: bob as UserId, content: { messageId } },
    ]);
  await alice.user.markDeviceLists([bob as UserId], []);
  await send('one');
  const first = await alice.sliding(ask());
  expect(first.extensions.to_device.events).toHaveLength(1);
  expect(first.extensions.e2ee).toEqual({
    device_one_time_keys_count: { signed_curve25519: 0 },
    device_unused_fallback_key_types: [],
  });
  // A new connection without acknowledgement gets it again.
  expect((await alice.sliding(ask())).extensions.to_device.events).toHaveLength(1);
  const since = first.extensions.to_device.next_batch;
  const second = await alice.sliding(ask(since));
  expect(second.extensions.to_device).toEqual({ events: [], next_batch: since });
  const waiting = alice.sliding(ask(since), { pos: second.pos, timeout: '60000' });
  await alice.untilWaiting();
  await alice.user.setKeyCounts(alice.deviceId, {
    oneTimeKeyCounts: { signed_curve25519: 7 },
    unusedFallbackKeyTypes: ['signed_curve25519'],
  });
  await send('two');
  const third = await waiting;
  expect(third.extensions.to_device.events).toMatchObject([{ content: { messageId: 'two' } }]);
  expect(third.extensions.e2ee.device_one_time_keys_count).toEqual({ signed_curve25519: 7 });
  await alice.user.markDeviceLists([carol as UserId], [bob as UserId]);
  const fourth = await alice.sliding(ask(third.extensions.to_device.next_batch), { pos: third.pos });
  expect(fourth.extensions.e2ee.device_lists).toEqual({ changed: [carol], left: [bob] });
  const future = await alice.sliding(ask('999999'), { pos: fourth.pos });
  expect(future.extensions.to_device).toEqual({ events: [], next_batch: '999999' });
});

test('a malformed body is refused', async () => {
  const alice = await TestClient.login('ss-bad');
  const lists = { all: { ranges: 'everything' } };
  const response = await alice.rawSliding({ lists });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errcode: 'M_BAD_JSON' });
});
