import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, hasLeft, isInvited, isJoined, type JoinedRoom, type SyncAnswer } from './lib/events.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

const withLeave = JSON.stringify({ room: { include_leave: true, timeline: { limit: 30 } } });

function leftRoom(sync: SyncAnswer, roomId: string): JoinedRoom | undefined {
  return sync.rooms?.leave?.[roomId];
}

function leftEvents(sync: SyncAnswer, roomId: string): string[] {
  const room = leftRoom(sync, roomId);
  return [...(room?.state?.events ?? []), ...(room?.timeline?.events ?? [])].map((event) => event.event_id);
}

describe('TestSyncLeaveSection', () => {
  const setting = shared(async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    await user.syncUntil('the room', isJoined(roomId));
    const since = await user.now();
    await user.leave(roomId);
    return { user, roomId, since };
  });

  test('Newly left rooms appear in the leave section of incremental sync', async () => {
    const { user, roomId, since } = await setting();
    const sync = await user.syncUntil('the left room', hasLeft(roomId), { since });
    expect(isJoined(roomId)(sync)).toBe(false);
  });

  test('Left rooms appear in the leave section of sync', async () => {
    const { user, roomId } = await setting();
    expect(hasLeft(roomId)(await user.sync({ filter: withLeave }))).toBe(true);
  });

  test('Left rooms appear in the leave section of full_state sync', async () => {
    const { user, roomId, since } = await setting();
    expect(hasLeft(roomId)(await user.sync({ since, full_state: true, filter: withLeave }))).toBe(true);
  });
});

test('TestGappedSyncLeaveSection', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const toLeave = await alice.createRoom();
  const other = await alice.createPublicRoom();
  await bob.join(other);
  const filter = JSON.stringify({ room: { timeline: { limit: 1 } } });
  const { next_batch: since } = await alice.sync({ filter });
  await alice.message(toLeave, 'before leaving');
  await alice.leave(toLeave);
  await bob.messages(other, 'meanwhile', 5);
  const sync = await alice.syncUntil('the left room', hasLeft(toLeave), { since, filter });
  expect(leftRoom(sync, toLeave)).toBeDefined();
});

describe('TestArchivedRoomsHistory', () => {
  /** Bob has left a room before the last message in it. */
  async function archived() {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const before = await alice.message(roomId, 'before');
    const { next_batch: since } = await bob.syncUntil('the room', isJoined(roomId));
    await bob.leave(roomId);
    const after = await alice.message(roomId, 'after');
    return { bob, roomId, before, after, since };
  }

  async function expectHistory(bob: User, roomId: string, sync: SyncAnswer, gone: string): Promise<void> {
    const ids = leftEvents(sync, roomId);
    expect(ids).not.toContain(gone);
    const own = leftRoom(sync, roomId)?.timeline?.events.findLast((event) => event.state_key === bob.userId);
    expect(own?.content.membership).toBe('leave');
  }

  test('timeline has events/incremental sync', async () => {
    const { bob, roomId, after, since } = await archived();
    const sync = await bob.syncUntil('the left room', hasLeft(roomId), { since });
    await expectHistory(bob, roomId, sync, after);
  });

  test('timeline has events/initial sync', async () => {
    const { bob, roomId, before, after } = await archived();
    const sync = await bob.sync({ filter: withLeave });
    await expectHistory(bob, roomId, sync, after);
    expect(leftEvents(sync, roomId)).toContain(before);
  });

  /** With a filter that lets no timeline through, the state is that of the departure. */
  const noTimeline = JSON.stringify({ room: { include_leave: true, timeline: { types: [] } } });

  async function stateOfDeparture(initially: boolean): Promise<void> {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const { next_batch: since } = await bob.syncUntil('the room', isJoined(roomId));
    await alice.setState(roomId, 'm.room.topic', { topic: 'before' });
    await bob.leave(roomId);
    await alice.setState(roomId, 'm.room.topic', { topic: 'after' });
    const sync = initially
      ? await bob.sync({ filter: noTimeline })
      : await bob.syncUntil('the left room', hasLeft(roomId), { since, filter: noTimeline });
    const state = leftRoom(sync, roomId)?.state?.events ?? [];
    expect(leftRoom(sync, roomId)?.timeline?.events ?? []).toEqual([]);
    expect(state.find((event) => event.type === 'm.room.topic')?.content).toMatchObject({ topic: 'before' });
    const member = state.find((event) => event.state_key === bob.userId);
    expect(member?.content.membership).toBe('leave');
  }

  test('timeline is empty/initial sync', () => stateOfDeparture(true));

  test('timeline is empty/incremental sync', () => stateOfDeparture(false));
});

test('TestOlderLeftRoomsNotInLeaveSection', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const earlier = await alice.createRoom();
  await alice.leave(earlier);
  const current = await alice.createPublicRoom();
  await bob.join(current);
  const since = await alice.now();
  const eventId = await bob.message(current, 'Hello');
  const sync = await alice.syncUntil(
    'the message',
    (answer) => eventsOf(answer, current).some((event) => event.event_id === eventId),
    { since, filter: withLeave },
  );
  expect(hasLeft(earlier)(sync)).toBe(false);
});

test('TestLeaveEventVisibility', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    ],
  });
  await bob.join(roomId);
  const { next_batch: since } = await bob.syncUntil('the room', isJoined(roomId));
  await bob.leave(roomId);
  const sync = await bob.syncUntil('the left room', hasLeft(roomId), { since });
  const timeline = leftRoom(sync, roomId)?.timeline?.events ?? [];
  expect(timeline.find((event) => event.state_key === bob.userId)?.content.membership).toBe('leave');
});

test('TestLeaveEventInviteRejection', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom();
  await alice.invite(roomId, bob);
  const { next_batch: since } = await bob.syncUntil('the invitation', isInvited(roomId));
  await bob.leave(roomId);
  const sync = await bob.syncUntil('the rejection', hasLeft(roomId), { since });
  const timeline = leftRoom(sync, roomId)?.timeline?.events ?? [];
  expect(timeline.find((event) => event.state_key === bob.userId)?.content.membership).toBe('leave');
});

testAnswersOf('sync_archive');
