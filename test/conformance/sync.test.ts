import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import {
  eventsOf,
  hasEvent,
  hasLeft,
  hasPresence,
  isInvited,
  isJoined,
  memberEventOf,
  timelineOf,
} from './lib/events.ts';
import { p } from './lib/http.ts';
import { uploadDeviceKeys } from './lib/keys.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function setPresence(user: User, presence: string): Promise<object> {
  return user.ok('PUT', p`/v3/presence/${user.userId}/status`, { presence });
}

test('TestCumulativeJoinLeaveJoinSync', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  const since = await bob.now();
  await bob.join(roomId);
  await bob.leave(roomId);
  await bob.join(roomId);
  const sync = await bob.syncUntil('the room', isJoined(roomId), { since });
  expect(hasLeft(roomId)(sync)).toBe(false);
});

test('TestTentativeEventualJoiningAfterRejecting', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  let since = await bob.now();
  await alice.invite(roomId, bob);
  since = (await bob.syncUntil('the invitation', isInvited(roomId), { since })).next_batch;
  await bob.leave(roomId);
  since = (await bob.syncUntil('the rejection', hasLeft(roomId), { since })).next_batch;
  await bob.join(roomId);
  await bob.syncUntil('the room', isJoined(roomId), { since });
  const initial = await bob.sync();
  expect([isJoined(roomId)(initial), isInvited(roomId)(initial)]).toEqual([true, false]);
});

describe('TestSync', () => {
  test('Can sync a joined room', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const eventId = await user.message(roomId, 'Hello');
    const sync = await user.syncUntil('the message', hasEvent(roomId, eventId));
    const room = sync.rooms?.join?.[roomId];
    expect(room?.timeline?.prev_batch).toEqual(expect.any(String));
    const keys = eventsOf(sync, roomId).map((event) => `${event.type}|${event.state_key}`);
    expect(keys).toContain('m.room.create|');
    expect(keys).toContain(`m.room.member|${user.userId}`);
    // State and timeline do not repeat one another.
    const ids = eventsOf(sync, roomId).map((event) => event.event_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('Full state sync includes joined rooms', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const { next_batch: since } = await user.syncUntil('the room', isJoined(roomId));
    const sync = await user.sync({ since, full_state: true });
    const types = (sync.rooms?.join?.[roomId]?.state?.events ?? []).map((event) => event.type);
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.member', 'm.room.power_levels']));
  });

  test('Newly joined room is included in an incremental sync', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    const since = await bob.now();
    await bob.join(roomId);
    const sync = await bob.syncUntil('the room', isJoined(roomId), { since });
    const types = eventsOf(sync, roomId).map((event) => event.type);
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.join_rules', 'm.room.member']));
    const next = await bob.sync({ since: sync.next_batch });
    expect(isJoined(roomId)(next)).toBe(false);
  });

  test('Newly joined room has correct timeline in incremental sync', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    const before = await alice.messages(roomId, 'before', 4);
    const since = await bob.now();
    await bob.join(roomId);
    const after = await alice.messages(roomId, 'after', 4);
    const filter = JSON.stringify({ room: { timeline: { limit: 10 } } });
    const sync = await bob.syncUntil('the last message', hasEvent(roomId, after.at(-1) ?? ''), {
      since,
      filter,
    });
    const timeline = sync.rooms?.join?.[roomId]?.timeline;
    expect(timeline?.limited).toBe(true);
    const messages = (timeline?.events ?? []).filter((event) => event.type === 'm.room.message');
    expect(messages.map((event) => event.event_id)).toEqual([...before, ...after]);
  });

  test('Newly joined room includes presence in incremental sync', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await setPresence(alice, 'online');
    const since = await bob.now();
    await bob.join(roomId);
    await bob.syncUntil('the presence', hasPresence(alice.userId), { since });
  });

  test('Get presence for newly joined members in incremental sync', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    const since = await alice.now();
    await setPresence(bob, 'online');
    await bob.join(roomId);
    await alice.syncUntil('the presence', hasPresence(bob.userId), { since });
  });

  test('sync should succeed even if the sync token points to a redaction of an unknown event', async () => {
    const user = await newUser();
    const roomId = await user.createRoom({ room_version: '11' });
    const answer = await user.call('PUT', p`/v3/rooms/${roomId}/redact/${'$unknown'}/txn`, {});
    if (answer.status !== 200) skip(`redactions of what is unknown are refused (${answer.status})`);
    const since = await user.now();
    expect((await user.sync({ since })).next_batch).toEqual(expect.any(String));
  });

  test('Device list tracking/User is correctly listed when they leave, even when lazy loading is enabled', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    await uploadDeviceKeys(bob);
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const filter = JSON.stringify({ room: { state: { lazy_load_members: true } } });
    const { next_batch: since } = await alice.sync({ filter });
    await bob.leave(roomId);
    await alice.syncUntil(
      'the one who left',
      ({ device_lists: lists }) => (lists?.left ?? []).includes(bob.userId),
      { since, filter },
    );
  });
});

describe('TestSyncTimelineGap', () => {
  /** Bob misses more than a sync shows, among it a change of the state. */
  async function gap(incremental: boolean): Promise<void> {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const filter = JSON.stringify({ room: { timeline: { limit: 5 } } });
    const { next_batch: since } = await bob.sync({ filter });
    const name = await alice.setState(roomId, 'm.room.name', { name: 'in the gap' });
    const sent = await alice.messages(roomId, 'gap', 15);
    const sync = await bob.sync({ filter, ...(incremental && { since }) });
    const room = sync.rooms?.join?.[roomId];
    expect(room?.timeline?.limited).toBe(true);
    expect(timelineOf(sync, roomId).map((event) => event.event_id)).toEqual(sent.slice(-5));
    expect(room?.state?.events.map((event) => event.event_id)).toContain(name);
  }

  test('incremental', () => gap(true));

  test('full', () => gap(false));
});

test('TestPresenceSyncDifferentRooms', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const withBob = await alice.createPublicRoom();
  const withCharlie = await alice.createPublicRoom();
  await bob.join(withBob);
  await charlie.join(withCharlie);
  const since = await alice.now();
  await setPresence(bob, 'online');
  await setPresence(charlie, 'online');
  const seen = new Set<string>();
  await alice.syncUntil(
    'the presence of both',
    (sync) => {
      for (const user of [bob, charlie]) if (hasPresence(user.userId)(sync)) seen.add(user.userId);
      return seen.size === 2;
    },
    { since },
  );
});

test('TestRoomSummary', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await alice.createPublicRoom();
  await alice.invite(roomId, charlie);
  const filter = JSON.stringify({ room: { state: { lazy_load_members: true } } });
  const summary = (sync: Awaited<ReturnType<User['sync']>>) => sync.rooms?.join?.[roomId]?.summary;
  const first = await alice.syncUntil('the summary', (sync) => summary(sync) !== undefined, { filter });
  expect(summary(first)).toMatchObject({
    'm.joined_member_count': 1,
    'm.invited_member_count': 1,
    'm.heroes': [charlie.userId],
  });
  await bob.join(roomId);
  const second = await alice.syncUntil(
    'the new count',
    (sync) => summary(sync)?.['m.joined_member_count'] === 2,
    { since: first.next_batch, filter },
  );
  expect(memberEventOf(eventsOf(second, roomId), bob.userId, 'join')).toBeDefined();
});

testAnswersOf('sync');
