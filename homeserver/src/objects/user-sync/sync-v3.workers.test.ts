import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { type Json, TestClient } from './testing/test-client.ts';

const bob = '@bob:roost.test';
const login = TestClient.login;

const bodies = (entry: Json) => entry.timeline.events.map((event: Json) => event.content.body);
const types = (events: Json[]) => events.map((event) => event.type);
const lazy = JSON.stringify({ room: { state: { lazy_load_members: true } } });

test('a first sync has the room with state, timeline, summary, and the fields that clients require', async () => {
  const alice = await login('first');
  const room = FakeRoom.created('first', alice.userId, bob);
  room.message(bob, 'hello');
  expect(await alice.user.applyRoomDelta(room.snapshot(3))).toEqual({ kind: 'applied' });
  const answer = await alice.sync({ filter: lazy });
  const entry = answer.rooms.join[room.roomId];
  expect(types(entry.timeline.events)).toEqual(['m.room.name', 'm.room.member', 'm.room.message']);
  expect(entry.timeline).toMatchObject({ limited: true, prev_batch: `p${room.position - 3}` });
  expect(entry.timeline.events[2].unsigned.age).toBeGreaterThan(0);
  expect(entry.timeline.events[2]).not.toHaveProperty('room_id');
  expect(types(entry.state.events).sort()).toEqual([
    'm.room.create',
    'm.room.history_visibility',
    'm.room.join_rules',
    'm.room.member',
    'm.room.power_levels',
  ]);
  expect(entry.summary).toEqual({
    'm.heroes': [bob],
    'm.joined_member_count': 2,
    'm.invited_member_count': 0,
  });
  expect(answer.device_one_time_keys_count).toEqual({ signed_curve25519: 0 });
  expect(answer.device_unused_fallback_key_types).toEqual([]);
  expect(types(answer.account_data.events)).toContain('m.push_rules');
});

test('an incremental sync has what is new, in order, and then nothing', async () => {
  const alice = await login('incremental');
  const room = FakeRoom.created('incremental', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  room.message(bob, 'one');
  await alice.user.applyRoomDelta(room.delta());
  room.message(bob, 'two');
  await alice.user.applyRoomDelta(room.delta());
  const answer = await alice.sync({ since, timeout: '30000' });
  const entry = answer.rooms.join[room.roomId];
  expect(bodies(entry)).toEqual(['one', 'two']);
  expect(entry.timeline.limited).toBe(false);
  expect(entry.state.events).toEqual([]);
  expect(entry.unread_notifications).toEqual({ notification_count: 2, highlight_count: 0 });
  const after = await alice.sync({ since: answer.next_batch });
  expect(after).not.toHaveProperty('rooms');
  expect(after.device_one_time_keys_count).toEqual({ signed_curve25519: 0 });
});

test('R33: of a gap the newest events are told, limited, with a token to page back from', async () => {
  const alice = await login('gap-limit');
  const room = FakeRoom.created('gap-limit', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  room.add(bob, 'm.room.topic', { topic: 'changed in the gap' }, '');
  for (let index = 0; index < 100; index += 1) room.message(bob, String(index));
  await alice.user.applyRoomDelta(room.delta());
  const entry = (await alice.sync({ since })).rooms.join[room.roomId];
  expect(bodies(entry)).toEqual(Array.from({ length: 10 }, (_, index) => String(90 + index)));
  expect(entry.timeline).toMatchObject({ limited: true, prev_batch: `p${room.position - 10}` });
  expect(types(entry.state.events)).toEqual(['m.room.topic']);
  const all = (await alice.sync({ since, filter: '{"room":{"timeline":{"limit":500}}}' })).rooms.join[
    room.roomId
  ];
  expect(all.timeline.events).toHaveLength(64);
  expect(all.timeline).toMatchObject({ limited: true, prev_batch: `p${room.position - 64}` });
});

test('a delta that does not follow is a gap, a repeated one is dropped', async () => {
  const alice = await login('deltas');
  const room = FakeRoom.created('deltas', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  room.message(bob, 'lost');
  const lost = room.delta();
  room.message(bob, 'second');
  const second = room.delta();
  expect(await alice.user.applyRoomDelta(second)).toEqual({ kind: 'gap', position: lost.fromPosition });
  await alice.user.applyRoomDelta(lost);
  await alice.user.applyRoomDelta(lost);
  await alice.user.applyRoomDelta(second);
  await alice.user.applyRoomDelta(second);
  const entry = (await alice.sync({ since })).rooms.join[room.roomId];
  expect(bodies(entry)).toEqual(['lost', 'second']);
  expect(entry.unread_notifications.notification_count).toBe(2);
});

test('R30: a waiting sync is answered by the change, also when the object was evicted meanwhile', async () => {
  const alice = await login('waiting');
  const room = FakeRoom.created('waiting', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  let { next_batch: since } = await alice.sync();
  for (const evict of [false, true]) {
    const waiting = alice.sync({ since, timeout: '60000' });
    await alice.untilWaiting();
    if (evict) await evictDurableObject(alice.stub);
    room.message(bob, `evicted: ${evict}`);
    await alice.user.applyRoomDelta(room.delta());
    const answer = await waiting;
    expect(bodies(answer.rooms.join[room.roomId])).toEqual([`evicted: ${evict}`]);
    since = answer.next_batch;
  }
});

test('a waiting sync ends with the empty answer when the time is over', async () => {
  const alice = await login('timeout');
  const { next_batch: since } = await alice.sync();
  const answer = await alice.sync({ since, timeout: '50' });
  expect(answer.next_batch).toBe(since);
  expect(answer).not.toHaveProperty('rooms');
  // And its socket is gone, or each later change would be computed for nobody.
  await vi.waitFor(() =>
    runInDurableObject(alice.stub, (_instance, state) => expect(state.getWebSockets()).toEqual([])),
  );
});

test('to-device messages stay until the next token acknowledges them, and come once', async () => {
  const alice = await login('todevice');
  const send = (messageId: string) =>
    alice.user.enqueueToDevice([
      { messageId, deviceId: '*', type: 'm.test', sender: bob as UserId, content: { messageId } },
    ]);
  await send('one');
  await send('one');
  const first = await alice.sync();
  expect(first.to_device.events).toEqual([{ type: 'm.test', sender: bob, content: { messageId: 'one' } }]);
  expect((await alice.sync()).to_device.events).toHaveLength(1);
  const second = await alice.sync({ since: first.next_batch });
  expect(second).not.toHaveProperty('to_device');
  await send('one');
  await send('two');
  await evictDurableObject(alice.stub);
  const third = await alice.sync({ since: second.next_batch });
  expect(third.to_device.events).toEqual([{ type: 'm.test', sender: bob, content: { messageId: 'two' } }]);
});

test('more to-device messages than fit come with the next answers, in order', async () => {
  const alice = await login('todevice-many');
  const { next_batch } = await alice.sync();
  const messages = Array.from({ length: 250 }, (_, index) => ({
    messageId: String(index),
    deviceId: '*' as const,
    type: 'm.test',
    sender: bob as UserId,
    content: { index },
  }));
  await alice.user.enqueueToDevice(messages);
  const seen: number[] = [];
  let since = next_batch;
  for (let round = 0; round < 4; round += 1) {
    const answer = await alice.sync({ since });
    seen.push(...(answer.to_device?.events ?? []).map((event: Json) => event.content.index));
    since = answer.next_batch;
  }
  expect(seen).toEqual(messages.map((message) => message.content.index));
});

test('tokens: unknown 401, expired 401 softly, deleted devices at once', async () => {
  const alice = await login('tokens');
  const expired = await login('tokens-expired', 0);
  const soft = await expired.rawSync();
  expect(soft.status).toBe(401);
  expect(await soft.json()).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN', soft_logout: true });
  expect(await alice.user.deleteDevices()).toEqual([alice.deviceId]);
  const hard = await alice.rawSync();
  expect(hard.status).toBe(401);
  expect(await hard.json()).toEqual({ errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown access token' });
});

test('a token of another storage or from the future is answered like a first sync', async () => {
  const alice = await login('foreign');
  const room = FakeRoom.created('foreign', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch } = await alice.sync();
  for (const since of ['s1.00000000', next_batch.replace(/^s\d+/, 's999999'), 'nonsense']) {
    const answer = await alice.sync({ since, timeout: '30000' });
    expect(types(answer.rooms.join[room.roomId].timeline.events)).toContain('m.room.power_levels');
  }
});

test('unsigned.transaction_id comes back to the device that sent the event, only', async () => {
  const alice = await login('txn');
  const room = FakeRoom.created('txn', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  room.add(alice.userId, 'm.room.message', { body: 'mine' }, undefined, {
    deviceId: alice.deviceId,
    txnId: 'a',
  });
  room.add(alice.userId, 'm.room.message', { body: 'other' }, undefined, { deviceId: 'OTHER', txnId: 'b' });
  await alice.user.applyRoomDelta(room.delta());
  const [mine, other] = (await alice.sync({ since })).rooms.join[room.roomId].timeline.events;
  expect(mine.unsigned.transaction_id).toBe('a');
  expect(other.unsigned).not.toHaveProperty('transaction_id');
});
