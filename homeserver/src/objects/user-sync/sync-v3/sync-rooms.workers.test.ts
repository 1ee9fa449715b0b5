import { expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';
const carol = '@carol:roost.test';
const lazy = { room: { state: { lazy_load_members: true } } };

const bodies = (entry: Json) => entry.timeline.events.map((event: Json) => event.content.body);
const entries = (events: Json[]) => events.map((event) => `${event.type}|${event.state_key}`).sort();

async function withRoom(name: string): Promise<{ alice: TestClient; room: FakeRoom; since: string }> {
  const alice = await TestClient.login(name);
  const room = FakeRoom.created(name, alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  return { alice, room, since };
}

test('a room joined meanwhile comes with all its state, once', async () => {
  const { alice, since } = await withRoom('v3-joined');
  const room = FakeRoom.created('v3-joined-later', alice.userId, bob);
  for (let index = 0; index < 20; index += 1) room.message(bob, String(index));
  await alice.user.applyRoomDelta(room.snapshot());
  const answer = await alice.sync({ since });
  const entry = answer.rooms.join[room.roomId];
  expect(bodies(entry)).toEqual(Array.from({ length: 10 }, (_, index) => String(10 + index)));
  expect(entry.timeline.limited).toBe(true);
  expect(entries(entry.state.events)).toContain('m.room.power_levels|');
  expect(await alice.sync({ since: answer.next_batch })).not.toHaveProperty('rooms');
});

test('an invitation, its refusal, and what an ignored user sends', async () => {
  const { alice, room: known, since: start } = await withRoom('v3-invite');
  const room = new FakeRoom('v3-invited', alice.userId);
  room.add(bob, 'm.room.create', {}, '');
  room.member(bob, 'join');
  await alice.user.applyRoomDelta(room.invitation(bob));
  const invited = await alice.sync({ since: start });
  const { events } = invited.rooms.invite[room.roomId].invite_state;
  expect(entries(events)).toEqual(['m.room.create|', `m.room.member|${alice.userId}`]);
  expect((await alice.sync()).rooms.invite).toHaveProperty([room.roomId]);
  room.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(room.delta());
  const refused = await alice.sync({ since: invited.next_batch });
  expect(refused.rooms).toEqual({ leave: { [room.roomId]: expect.anything() } });

  await alice.user.putAccountData('m.ignored_user_list', { ignored_users: { [bob]: {} } });
  const { next_batch: since } = await alice.sync({ since: refused.next_batch });
  await alice.user.applyRoomDelta(room.invitation(bob));
  known.message(bob, 'unheard');
  known.add(bob, 'm.room.topic', { topic: 'state is told' }, '');
  await alice.user.applyRoomDelta(known.delta());
  const { rooms } = await alice.sync({ since });
  expect(rooms).not.toHaveProperty('invite');
  const timeline = rooms.join[known.roomId].timeline.events;
  expect(entries(timeline)).toEqual(['m.room.topic|']);
  expect(rooms.join[known.roomId].unread_notifications.notification_count).toBe(0);
});

test('left rooms: told once, then only with include_leave, and nothing behind the leave (C3)', async () => {
  const { alice, room, since } = await withRoom('v3-leave');
  room.message(bob, 'before');
  room.member(alice.userId, 'leave', bob);
  await alice.user.applyRoomDelta(room.delta());
  const answer = await alice.sync({ since });
  expect(answer.rooms).not.toHaveProperty('join');
  const left = answer.rooms.leave[room.roomId].timeline.events;
  expect(left.at(-1)).toMatchObject({ type: 'm.room.member', content: { membership: 'leave' } });
  expect(await alice.sync({ since: answer.next_batch })).not.toHaveProperty('rooms');
  expect(await alice.sync()).not.toHaveProperty('rooms');
  const filter = JSON.stringify({ room: { include_leave: true } });
  expect((await alice.sync({ filter })).rooms.leave).toHaveProperty([room.roomId]);
  expect((await alice.sync({ filter, since, full_state: 'true' })).rooms.leave).toHaveProperty([room.roomId]);
  expect(await alice.user.forgetRoom(room.roomId)).toEqual({ kind: 'done' });
  expect(await alice.sync({ filter })).not.toHaveProperty('rooms');
  // One that has yet to learn of the leave still does.
  expect((await alice.sync({ since })).rooms.leave).toHaveProperty([room.roomId]);
});

test('joining, leaving and joining between two syncs is joining', async () => {
  const { alice, room, since } = await withRoom('v3-rejoin');
  room.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(room.delta());
  room.message(bob, 'unseen');
  room.member(alice.userId, 'join');
  room.message(bob, 'back');
  await alice.user.applyRoomDelta(room.snapshot(2));
  const { rooms } = await alice.sync({ since });
  expect(rooms).not.toHaveProperty('leave');
  expect(rooms.join[room.roomId].timeline.events).toHaveLength(2);
  expect(rooms.join[room.roomId].timeline.limited).toBe(true);
});

test('state_after, under both names, holds what the timeline changes; state does not', async () => {
  const { alice, room, since } = await withRoom('v3-after');
  room.add(bob, 'm.room.topic', { topic: 'new' }, '');
  await alice.user.applyRoomDelta(room.delta());
  for (const name of ['use_state_after', 'org.matrix.msc4222.use_state_after']) {
    const entry = (await alice.sync({ since, [name]: 'true' })).rooms.join[room.roomId];
    expect(entries(entry.state_after.events)).toEqual(['m.room.topic|']);
    expect(entry['org.matrix.msc4222.state_after']).toEqual(entry.state_after);
    expect(entry).not.toHaveProperty('state');
  }
  const before = (await alice.sync({ since })).rooms.join[room.roomId];
  expect(before.state.events).toEqual([]);
  expect(before).not.toHaveProperty('state_after');
});

test('one’s own receipt is told in a first sync, however many there are', async () => {
  const { alice, room } = await withRoom('v3-many-receipts');
  const event = room.message(bob, 'read by all');
  const others = Array.from({ length: 600 }, (_, index) => [`@a${index}:roost.test`, { ts: index }]);
  const users = Object.fromEntries([...others, [alice.userId, { ts: 1000 }]]);
  await alice.user.applyRoomDelta(room.delta({ receipts: { [event.event_id]: { 'm.read': users } } }));
  const { content } = (await alice.sync()).rooms.join[room.roomId].ephemeral.events[0];
  expect(content[event.event_id]['m.read']).toHaveProperty([alice.userId]);
});

test('filtered state events are told in state, messages not at all', async () => {
  const { alice, room, since } = await withRoom('v3-filter');
  room.add(bob, 'm.room.topic', { topic: 'new' }, '');
  room.message(bob, 'hello');
  room.add(bob, 'm.reaction', {});
  await alice.user.applyRoomDelta(room.delta());
  const filter = JSON.stringify({ room: { timeline: { types: ['m.reac*'] } } });
  const entry = (await alice.sync({ since, filter })).rooms.join[room.roomId];
  expect(entry.timeline.events.map((event: Json) => event.type)).toEqual(['m.reaction']);
  expect(entries(entry.state.events)).toEqual(['m.room.topic|']);
  const elsewhere = JSON.stringify({ room: { not_rooms: [room.roomId] } });
  expect(await alice.sync({ since, filter: elsewhere })).not.toHaveProperty('rooms');
});

test('lazy loading: members of the timeline’s senders, and with full_state the heroes and oneself', async () => {
  const { alice, room } = await withRoom('v3-lazy');
  room.member(carol, 'join');
  for (let index = 0; index < 12; index += 1) room.message(bob, String(index));
  await alice.user.applyRoomDelta(room.delta());
  const filter = JSON.stringify(lazy);
  const first = await alice.sync({ filter });
  const members = (entry: Json) =>
    entry.state.events
      .filter((event: Json) => event.type === 'm.room.member')
      .map((event: Json) => event.state_key)
      .sort();
  expect(members(first.rooms.join[room.roomId])).toEqual([bob, carol, alice.userId].sort());
  room.message(carol, 'hi');
  await alice.user.applyRoomDelta(room.delta());
  const next = await alice.sync({ filter, since: first.next_batch });
  expect(members(next.rooms.join[room.roomId])).toEqual([carol]);
});

test('receipts in the middle recount; threads are counted apart on request', async () => {
  const { alice, room, since } = await withRoom('v3-counts');
  const root = room.message(bob, 'root');
  const second = room.message(bob, 'second');
  const reply = room.message(bob, 'in thread', {
    'm.relates_to': { rel_type: 'm.thread', event_id: root.event_id },
  });
  room.message(bob, 'mention', { 'm.mentions': { user_ids: [alice.userId] } });
  await alice.user.applyRoomDelta(room.delta());
  const counts = async (threads: boolean) => {
    const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: threads } } });
    return (await alice.sync({ since, filter })).rooms.join[room.roomId];
  };
  expect((await counts(false)).unread_notifications).toEqual({ notification_count: 4, highlight_count: 1 });
  const apart = await counts(true);
  expect(apart.unread_notifications).toEqual({ notification_count: 3, highlight_count: 1 });
  expect(apart.unread_thread_notifications).toEqual({
    [root.event_id]: { notification_count: 1, highlight_count: 0 },
  });
  const read = async (eventId: string, threadId?: string) => {
    const receipt = { ts: 1, ...(threadId && { thread_id: threadId }) };
    const receipts = { [eventId]: { 'm.read': { [alice.userId]: receipt } } };
    await alice.user.applyRoomDelta(room.delta({ receipts }));
  };
  await read(second.event_id, 'main');
  expect((await counts(true)).unread_notifications).toEqual({ notification_count: 1, highlight_count: 1 });
  await read(reply.event_id, root.event_id);
  expect((await counts(true)).unread_thread_notifications).toBeUndefined();
  const own = room.message(alice.userId, 'read all that');
  await alice.user.applyRoomDelta(room.delta());
  expect((await counts(false)).unread_notifications).toEqual({ notification_count: 0, highlight_count: 0 });
  await read(own.event_id);
  expect((await counts(false)).unread_notifications.notification_count).toBe(0);
});

test('typing and receipts come as ephemeral events, also to a sync that waits', async () => {
  const { alice, room, since } = await withRoom('v3-ephemeral');
  const waiting = alice.sync({ since, timeout: '60000' });
  await alice.untilWaiting();
  await alice.user.applyRoomDelta(room.delta({ typing: [bob as UserId] }));
  const typing = await waiting;
  expect(typing.rooms.join[room.roomId].ephemeral.events).toEqual([
    { type: 'm.typing', content: { user_ids: [bob] } },
  ]);
  const receipts = { $x: { 'm.read': { [bob]: { ts: 7 } } } };
  await alice.user.applyRoomDelta(room.delta({ receipts, typing: [] }));
  const { events } = (await alice.sync({ since: typing.next_batch })).rooms.join[room.roomId].ephemeral;
  expect(events).toEqual([
    { type: 'm.receipt', content: receipts },
    { type: 'm.typing', content: { user_ids: [] } },
  ]);
  const { next_batch } = await alice.sync({ since });
  await alice.user.applyRoomDelta(room.delta({ receipts }));
  expect(await alice.sync({ since: next_batch })).not.toHaveProperty('rooms');
});

test('device lists: who comes into an encrypted room has changed, who shares none any more has left', async () => {
  const { alice, room } = await withRoom('v3-devices');
  room.add(bob, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, '');
  await alice.user.applyRoomDelta(room.snapshot());
  let { next_batch: since } = await alice.sync();
  const lists = async () => {
    const answer = await alice.sync({ since });
    since = answer.next_batch;
    return answer.device_lists;
  };
  room.member(carol, 'join');
  await alice.user.applyRoomDelta(room.delta());
  expect(await lists()).toEqual({ changed: [carol], left: [] });
  const before = since;
  room.member(carol, 'leave');
  await alice.user.applyRoomDelta(room.delta());
  expect(await lists()).toEqual({ changed: [], left: [carol] });
  room.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(room.delta());
  expect(await lists()).toEqual({ changed: [], left: [bob] });
  expect(await alice.user.deviceListChanges(before)).toEqual({ changed: [], left: [carol, bob] });
  expect(await alice.user.deviceListChanges(before, before)).toEqual({ changed: [], left: [] });
});

test('redacted and aggregated events are served in their new form', async () => {
  const { alice, room, since } = await withRoom('v3-updated');
  const event = room.message(bob, 'secret');
  await alice.user.applyRoomDelta(room.delta());
  const redaction = room.add(bob, 'm.room.redaction', { redacts: event.event_id });
  const redacted = { ...event, content: {}, unsigned: { redacted_because: redaction.event_id } };
  await alice.user.applyRoomDelta(room.delta({ updated: [redacted] }));
  const entry = (await alice.sync({ since })).rooms.join[room.roomId];
  expect(entry.timeline.events[0]).toMatchObject({ event_id: event.event_id, content: {} });
});

test('the room’s position at a token of either sync', async () => {
  const { alice, room, since } = await withRoom('v3-position');
  const before = room.position;
  const sliding = await alice.sliding({ lists: { all: { timeline_limit: 1 } } });
  for (let index = 0; index < 3; index += 1) room.message(bob, String(index));
  await alice.user.applyRoomDelta(room.delta());
  expect(await alice.user.roomPositionAt(room.roomId, since)).toBe(before);
  expect(await alice.user.roomPositionAt(room.roomId, sliding.pos)).toBe(before);
  const { next_batch } = await alice.sync();
  expect(await alice.user.roomPositionAt(room.roomId, next_batch)).toBe(before + 3);
  expect(await alice.user.roomPositionAt(room.roomId, 's1.00000000')).toBe(undefined);
});

test('a refreshed session: the old tokens go on until a new one is used, then end softly', async () => {
  const alice = await TestClient.login('v3-refresh');
  const tokens = (name: string) => ({
    accessToken: `a-${name}`,
    refreshToken: `r-${name}`,
    expiresInMs: 60_000,
  });
  await alice.user.createSession({ ...tokens('1'), deviceId: alice.deviceId });
  const session = { kind: 'session', userId: alice.userId, deviceId: alice.deviceId };
  expect(await alice.user.refreshSession('r-1', tokens('lost'))).toEqual(session);
  expect(await alice.user.refreshSession('r-1', tokens('2'))).toEqual(session);
  expect(await alice.user.authenticate('a-1')).toEqual(session);
  expect(await alice.user.authenticate('a-2')).toEqual(session);
  expect(await alice.user.authenticate('a-1')).toEqual({ kind: 'unknown_token', soft: true });
  expect(await alice.user.refreshSession('r-1', tokens('3'))).toEqual({ kind: 'unknown_token', soft: false });
  expect(await alice.user.refreshSession('r-2', tokens('4'))).toEqual(session);
});
