import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RoomDelta } from '../../room-rpc.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, bob, eventIdOf, ghost, makeRoom, roomStub, type TestRoom } from '../testing/test-room.ts';
import { Deliveries } from './deliveries.ts';

let followers: TestFollowers;

beforeEach(() => {
  followers = new TestFollowers();
  followers.install();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A room with alice and bob, told to both. */
async function sharedRoom(options = {}): Promise<TestRoom & { position: number }> {
  const room = await makeRoom(options);
  const joined = await room.member(bob, 'join');
  if (joined.kind !== 'accepted') throw new Error(joined.error);
  await settled(room, joined.position);
  return { ...room, position: joined.position };
}

async function settled(room: TestRoom, position: number): Promise<void> {
  await followers.reached(alice, room.roomId, position);
  await followers.reached(bob, room.roomId, position);
}

/** Runs the room's due work as if its time had come. */
async function runDueWork(room: TestRoom, delayMs = 60_000): Promise<void> {
  const nowMs = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(nowMs + delayMs);
  await runDurableObjectAlarm(roomStub(room.roomId));
}

const bodies = (delta: RoomDelta | undefined) => delta?.events.map(({ event }) => event.content.body);

test('a new room is told to its creator as a snapshot, to an invitee as stripped state', async () => {
  const room = await makeRoom({
    name: 'Den',
    invites: [{ userId: bob, content: { membership: 'invite' } }],
  });
  await followers.until(() => followers.position(alice, room.roomId) > 0);
  await followers.until(() => followers.position(bob, room.roomId) > 0);
  const [own] = followers.deltas(alice, room.roomId);
  expect(own).toMatchObject({
    membership: 'join',
    position: 8,
    summary: { joinedCount: 1, invitedCount: 1, heroes: [bob] },
    snapshot: { roomVersion: '12' },
  });
  expect(own?.events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(own?.snapshot?.state.map((event) => event.type)).toContain('m.room.name');
  const [invitation] = followers.deltas(bob, room.roomId);
  expect(invitation).toMatchObject({
    membership: 'invite',
    position: 8,
    events: [],
    snapshot: { state: [] },
  });
  expect(invitation?.snapshot?.strippedState).toContainEqual({
    type: 'm.room.name',
    state_key: '',
    sender: alice,
    content: { name: 'Den' },
  });
});

test('a message goes to each member once, its transaction to the sender alone', async () => {
  const room = await sharedRoom();
  const before = followers.calls.length;
  const transaction = { deviceId: 'PHONE', txnId: 't' };
  const eventId = eventIdOf(await room.send(alice, 'hello', { transaction }));
  await settled(room, room.position + 1);
  expect(followers.calls.length - before).toBe(2);
  const own = followers.deltas(alice, room.roomId).at(-1);
  const others = followers.deltas(bob, room.roomId).at(-1);
  expect(others).toMatchObject({
    fromPosition: room.position,
    position: room.position + 1,
    membership: 'join',
    events: [{ position: room.position + 1, event: { event_id: eventId, content: { body: 'hello' } } }],
    members: expect.arrayContaining([expect.objectContaining({ state_key: alice })]),
    summary: { joinedCount: 2, heroes: [alice] },
  });
  expect(others?.snapshot).toBeUndefined();
  expect(own?.events[0]?.transaction).toEqual(transaction);
  expect(others?.events[0]?.transaction).toBeUndefined();
  expect(others?.events[0]?.event.unsigned).toEqual({ membership: 'join' });
});

test('a follower that hangs delays neither the answer nor the others', async () => {
  const room = await sharedRoom();
  followers.hanging.add(bob);
  for (const body of ['one', 'two', 'three']) eventIdOf(await room.send(alice, body));
  await followers.reached(alice, room.roomId, room.position + 3);
  const calls = followers.calls.filter(
    ({ follower, delta }) => follower === bob && delta.position > room.position,
  );
  // One in flight; the rest waits for it.
  expect(calls).toHaveLength(1);
});

test('what accumulates while a follower fails goes together when it is repaired', async () => {
  const room = await sharedRoom();
  followers.failing.add(bob);
  for (const body of ['one', 'two', 'three']) eventIdOf(await room.send(alice, body));
  await followers.reached(alice, room.roomId, room.position + 3);
  followers.failing.delete(bob);
  await runDueWork(room);
  await followers.reached(bob, room.roomId, room.position + 3);
  expect(bodies(followers.deltas(bob, room.roomId).at(-1))).toEqual(['one', 'two', 'three']);
});

test('a crash between storing and delivering is repaired by the alarm', async () => {
  const room = await sharedRoom();
  followers.failing.add(bob);
  eventIdOf(await room.send(alice, 'lost?'));
  await followers.reached(alice, room.roomId, room.position + 1);
  await evictDurableObject(roomStub(room.roomId));
  followers.failing.delete(bob);
  await runDueWork(room);
  await followers.reached(bob, room.roomId, room.position + 1);
  expect(bodies(followers.deltas(bob, room.roomId).at(-1))).toEqual(['lost?']);
  // Alice was up to date and is not told again.
  expect(bodies(followers.deltas(alice, room.roomId).at(-1))).toEqual([]);
  expect(
    followers
      .deltas(alice, room.roomId)
      .flatMap(bodies)
      .filter((body) => body === 'lost?'),
  ).toHaveLength(1);
});

test.each(['event', 'receipt'])('a crash before anything is sent loses no %s', async (what) => {
  const room = await sharedRoom();
  const last = eventIdOf(await room.send(alice, 'known'));
  await settled(room, room.position + 1);
  await runDueWork(room);
  vi.restoreAllMocks();
  for (const method of ['announceEvents', 'announceReceipt'] as const) {
    vi.spyOn(Deliveries.prototype, method).mockReturnValue();
  }
  if (what === 'event') eventIdOf(await room.send(alice, 'lost?'));
  else await room.rpc.setReceipt({ userId: alice, type: 'm.read', eventId: last as never });
  vi.restoreAllMocks();
  await evictDurableObject(roomStub(room.roomId));
  await runDueWork(room, 10_000);
  const told = () => followers.deltas(bob, room.roomId).at(-1);
  if (what === 'event') await followers.until(() => bodies(told())?.[0] === 'lost?');
  else await followers.until(() => told()?.receipts?.[last]?.['m.read']?.[alice] !== undefined);
});

test('a follower that is behind gets what it lacks with the next event', async () => {
  const room = await sharedRoom();
  followers.failing.add(bob);
  eventIdOf(await room.send(alice, 'first'));
  await followers.reached(alice, room.roomId, room.position + 1);
  await evictDurableObject(roomStub(room.roomId));
  followers.failing.delete(bob);
  eventIdOf(await room.send(alice, 'second'));
  await followers.reached(bob, room.roomId, room.position + 2);
  expect(bodies(followers.deltas(bob, room.roomId).at(-1))).toEqual(['first', 'second']);
});

test('a gap of over a hundred events is closed by a snapshot with the latest', async () => {
  const room = await sharedRoom();
  for (let index = 0; index < 101; index += 1) eventIdOf(await room.send(alice, `n${index}`));
  await settled(room, room.position + 101);
  followers.setPosition(bob, room.roomId, room.position);
  await evictDurableObject(roomStub(room.roomId));
  eventIdOf(await room.send(alice, 'last'));
  await followers.reached(bob, room.roomId, room.position + 102);
  const delta = followers.deltas(bob, room.roomId).at(-1);
  expect(delta?.snapshot).toBeDefined();
  expect(delta?.events).toHaveLength(32);
  expect(bodies(delta)?.at(-1)).toBe('last');
});

test('who leaves is told so and nothing after; a crash in between is repaired', async () => {
  const room = await sharedRoom();
  followers.failing.add(bob);
  eventIdOf(await room.send(alice, 'go'));
  eventIdOf(await room.member(bob, 'leave', alice));
  eventIdOf(await room.send(alice, 'he is gone'));
  await followers.reached(alice, room.roomId, room.position + 3);
  await evictDurableObject(roomStub(room.roomId));
  followers.failing.delete(bob);
  await runDueWork(room);
  await followers.reached(bob, room.roomId, room.position + 2);
  const delta = followers.deltas(bob, room.roomId).at(-1);
  expect(delta).toMatchObject({ membership: 'leave', fromPosition: room.position });
  expect(delta?.events.map(({ event }) => event.content)).toEqual([
    { msgtype: 'm.text', body: 'go' },
    { membership: 'leave' },
  ]);
  const before = followers.calls.length;
  await evictDurableObject(roomStub(room.roomId));
  eventIdOf(await room.send(alice, 'really'));
  await followers.reached(alice, room.roomId, room.position + 4);
  expect(followers.calls.slice(before).map(({ follower }) => follower)).not.toContain(bob);
});

test('a refused invitation and a new one are told; a ban of a stranger is not', async () => {
  const room = await makeRoom();
  eventIdOf(await room.member(bob, 'ban', alice));
  eventIdOf(await room.member(bob, 'leave', alice));
  eventIdOf(await room.member(bob, 'invite', alice));
  await followers.reached(bob, room.roomId, 9);
  eventIdOf(await room.member(bob, 'leave'));
  await followers.reached(bob, room.roomId, 10);
  expect(followers.deltas(bob, room.roomId).map(({ membership }) => membership)).toEqual(['invite', 'leave']);
});

test('changes of older events are told: redaction, edit, thread', async () => {
  const room = await sharedRoom();
  const root = eventIdOf(await room.send(alice, 'root'));
  const reply = eventIdOf(
    await room.send(bob, 'reply', {
      content: { body: 'reply', 'm.relates_to': { rel_type: 'm.thread', event_id: root } },
    }),
  );
  await settled(room, room.position + 2);
  expect(followers.deltas(alice, room.roomId).at(-1)?.updated).toMatchObject([
    {
      event_id: root,
      unsigned: {
        'm.relations': {
          'm.thread': { count: 1, latest_event: { event_id: reply }, current_user_participated: true },
        },
      },
    },
  ]);
  const edit = { rel_type: 'm.replace', event_id: reply };
  await room.send(bob, 'edit', {
    content: { body: '* new', 'm.new_content': { body: 'new' }, 'm.relates_to': edit },
  });
  await settled(room, room.position + 3);
  expect(
    followers
      .deltas(alice, room.roomId)
      .at(-1)
      ?.updated.map((event) => event.event_id),
  ).toEqual([reply, root]);
  await room.rpc.append({ sender: bob, type: 'm.room.redaction', content: {}, redacts: reply });
  await settled(room, room.position + 4);
  const updated = followers.deltas(alice, room.roomId).at(-1)?.updated;
  expect(updated?.map((event) => event.event_id)).toEqual([reply, root]);
  expect(updated?.[0]).toMatchObject({ content: {}, unsigned: { redacted_because: { sender: bob } } });
  expect(updated?.[1]?.unsigned).toEqual({ membership: 'join' });
});

test('an application service gets every event while it has users in the room, its ghosts their own membership', async () => {
  const room = await makeRoom();
  eventIdOf(await room.send(alice, 'before'));
  eventIdOf(await room.member(ghost, 'join'));
  eventIdOf(await room.send(alice, 'heard'));
  eventIdOf(await room.member(ghost, 'leave'));
  await followers.reached('test', room.roomId, 10);
  eventIdOf(await room.send(alice, 'unheard'));
  await followers.reached(alice, room.roomId, 11);
  eventIdOf(await room.member(ghost, 'join'));
  await followers.reached('test', room.roomId, 12);
  const events = followers.deltas('test', room.roomId).flatMap((delta) => delta.events);
  expect(events.map(({ position }) => position)).toEqual([8, 9, 10, 12]);
  // What a service does not read is not made for it.
  const [told] = followers.deltas('test', room.roomId);
  for (const unread of ['updated', 'members', 'summary']) expect(told).not.toHaveProperty(unread);
  await followers.reached(ghost, room.roomId, 12);
  expect(followers.deltas(ghost, room.roomId).map(({ membership }) => membership)).toEqual([
    'join',
    'leave',
    'join',
  ]);
});

test('an application service that was away misses nothing, however long', async () => {
  const room = await makeRoom();
  eventIdOf(await room.member(ghost, 'join'));
  await followers.reached('test', room.roomId, 7);
  followers.failing.add('test');
  for (let index = 0; index < 150; index += 1) eventIdOf(await room.send(alice, `n${index}`));
  await followers.reached(alice, room.roomId, 157);
  await evictDurableObject(roomStub(room.roomId));
  followers.failing.delete('test');
  await runDueWork(room);
  await followers.reached('test', room.roomId, 157);
  const heard = followers.deltas('test', room.roomId).flatMap((delta) => delta.events);
  expect(heard.map(({ position }) => position)).toEqual(Array.from({ length: 151 }, (_, index) => index + 7));
});

test('receipts: public ones go to all, private ones to oneself, none backwards', async () => {
  const room = await sharedRoom();
  const first = eventIdOf(await room.send(alice, 'one'));
  const second = eventIdOf(await room.send(alice, 'two'));
  await settled(room, room.position + 2);
  const receipt = { userId: bob, type: 'm.read', eventId: second as never } as const;
  expect(await room.rpc.setReceipt(receipt)).toEqual({ kind: 'done' });
  await followers.until(() => followers.deltas(alice, room.roomId).at(-1)?.receipts !== undefined);
  expect(followers.deltas(alice, room.roomId).at(-1)).toMatchObject({
    events: [],
    receipts: { [second]: { 'm.read': { [bob]: { ts: expect.any(Number) } } } },
  });
  const calls = followers.calls.length;
  await room.rpc.setReceipt({ ...receipt, eventId: first as never });
  await room.rpc.setReceipt({ ...receipt, type: 'm.read.private', threadId: 'main' });
  await followers.until(() =>
    followers.deltas(bob, room.roomId).some((delta) => delta.receipts?.[second]?.['m.read.private']),
  );
  expect(followers.calls.slice(calls).map(({ follower }) => follower)).toEqual([bob]);
  expect(await room.rpc.setReceipt({ ...receipt, eventId: '$unknown' as never })).toMatchObject({
    status: 404,
  });
  expect((await room.rpc.snapshotFor(alice))?.snapshot?.receipts).toEqual({
    [second]: { 'm.read': { [bob]: { ts: expect.any(Number) } } },
  });
});

test('an unthreaded and a threaded receipt for one event both reach a follower; together, the unthreaded does', async () => {
  const room = await sharedRoom();
  const eventId = eventIdOf(await room.send(alice, 'read me')) as never;
  const told = () =>
    followers
      .deltas(alice, room.roomId)
      .flatMap((delta) => (delta.receipts ? [delta.receipts[eventId]?.['m.read']?.[bob]] : []));
  const startMs = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(startMs);
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId, threadId: 'main' });
  await followers.until(() => told().length === 1);
  vi.spyOn(Date, 'now').mockReturnValue(startMs + 1);
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId });
  await followers.until(() => told().length === 2);
  expect(told()).toEqual([{ ts: startMs, thread_id: 'main' }, { ts: startMs + 1 }]);
  const receipts = (await room.rpc.snapshotFor(alice))?.snapshot?.receipts;
  expect(receipts?.[eventId]?.['m.read']?.[bob]).toEqual({ ts: startMs + 1 });
});

test('typing ends with removal for the one removed, and not with a message', async () => {
  const room = await sharedRoom();
  const typing = () => followers.deltas(alice, room.roomId).findLast((delta) => delta.typing)?.typing;
  await room.rpc.setTyping(alice, 60_000);
  await room.rpc.setTyping(bob, 60_000);
  await followers.until(() => typing()?.length === 2);
  eventIdOf(await room.member(bob, 'leave', alice));
  await followers.until(() => typing()?.length === 1);
  expect(typing()).toEqual([alice]);
  eventIdOf(await room.send(alice, 'said'));
  expect(typing()).toEqual([alice]);
  expect(await room.rpc.setTyping(alice, false)).toEqual({ kind: 'done' });
  await followers.until(() => typing()?.length === 0);
});

test('typing ends by itself, also when the object was evicted meanwhile', async () => {
  const room = await sharedRoom();
  expect(await room.rpc.setTyping(bob, 5_000)).toEqual({ kind: 'done' });
  await followers.until(() => followers.deltas(alice, room.roomId).at(-1)?.typing !== undefined);
  expect(followers.deltas(alice, room.roomId).at(-1)?.typing).toEqual([bob]);
  const calls = followers.calls.length;
  await room.rpc.setTyping(bob, 5_000);
  expect(followers.calls.length).toBe(calls);
  await evictDurableObject(roomStub(room.roomId));
  await runDueWork(room);
  await followers.until(() => followers.deltas(alice, room.roomId).at(-1)?.typing?.length === 0);
});
