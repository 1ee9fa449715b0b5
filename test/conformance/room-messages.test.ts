import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { type ClientEvent, hasEvent, isJoined } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';

test('TestSendAndFetchMessage', async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  const eventId = await user.message(roomId, 'Hello');
  const sync = await user.syncUntil('the message', hasEvent(roomId, eventId));
  expect(sync.rooms?.join?.[roomId]?.timeline?.prev_batch).toEqual(expect.any(String));
  const { chunk, start } = await user.pageOf(roomId, { dir: 'b' });
  expect(start).toEqual(expect.any(String));
  expect(chunk[0]).toMatchObject({
    type: 'm.room.message',
    event_id: eventId,
    sender: user.userId,
    room_id: roomId,
    content: { msgtype: 'm.text', body: 'Hello' },
  });
});

test('TestFetchMessagesFromNonExistentRoom', async () => {
  const user = await newUser();
  const path = p`/v3/rooms/${`!does-not-exist:${user.serverName}`}/messages`;
  expect(await user.refusal('GET', path, undefined, { dir: 'b' })).toEqual([403, 'M_FORBIDDEN']);
});

test('TestSendMessageWithTxn', async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  const first = await user.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'once' }, 'my-txn');
  const second = await user.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'once' }, 'my-txn');
  expect(second).toBe(first);
  const { chunk } = await user.pageOf(roomId, { dir: 'b', limit: 20 });
  expect(chunk.filter((event) => event.type === 'm.room.message')).toHaveLength(1);
});

const lazy = JSON.stringify({ lazy_load_members: true });

function membersIn(state: ClientEvent[] | undefined): (string | undefined)[] {
  return (state ?? []).filter((event) => event.type === 'm.room.member').map((event) => event.state_key);
}

test('TestRoomMessagesLazyLoading', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  await charlie.join(roomId);
  await bob.message(roomId, 'Message 1');
  await charlie.message(roomId, 'Message 2');
  const sent = await charlie.message(roomId, 'Message 3');
  await alice.syncUntil('the messages', hasEvent(roomId, sent));
  const newest = await alice.pageOf(roomId, { dir: 'b', filter: lazy, limit: 2 });
  expect(membersIn(newest.state)).toEqual([charlie.userId]);
  const older = await alice.pageOf(roomId, { dir: 'b', filter: lazy, limit: 1, from: newest.end });
  expect(membersIn(older.state)).toContain(bob.userId);
  expect(membersIn(older.state)).not.toContain(alice.userId);
});

test('TestRoomMessagesLazyLoadingLocalUser', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  const sent = await bob.message(roomId, 'the last one');
  await alice.syncUntil('the message', hasEvent(roomId, sent));
  const page = await alice.pageOf(roomId, { dir: 'b', filter: lazy, limit: 1 });
  expect(page.chunk.map((event) => event.event_id)).toEqual([sent]);
  expect(membersIn(page.state)).toEqual([bob.userId]);
});

describe('TestMessagesOverFederation', () => {
  test('Visible shared history after joining new room: every message is paged, once', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    const sent = await alice.messages(roomId, 'history', 25);
    await bob.join(roomId);
    const sync = await bob.syncUntil('the room', isJoined(roomId));
    const found: string[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < 20; pages++) {
      const page = await bob.pageOf(roomId, { dir: 'b', limit: 10, from });
      found.push(
        ...page.chunk.filter((event) => event.type === 'm.room.message').map((event) => event.event_id),
      );
      from = page.end;
      if (from === undefined) break;
    }
    expect(found).toEqual(sent.toReversed());
    expect(sync.rooms?.join?.[roomId]?.timeline?.prev_batch).toBeDefined();
  });

  test('Pages go on from the gap that a sync names', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const filter = JSON.stringify({ room: { timeline: { limit: 3 } } });
    const since = await bob.now();
    const sent = await alice.messages(roomId, 'gap', 12);
    const sync = await bob.sync({ since, filter });
    const timeline = sync.rooms?.join?.[roomId]?.timeline;
    expect(timeline?.limited).toBe(true);
    const seen = (timeline?.events ?? []).map((event) => event.event_id);
    expect(seen).toEqual(sent.slice(-3));
    const page = await bob.pageOf(roomId, { dir: 'b', from: timeline?.prev_batch, limit: 9 });
    expect(page.chunk.map((event) => event.event_id)).toEqual(sent.slice(0, 9).toReversed());
    const forward = await bob.pageOf(roomId, { dir: 'f', from: since, to: timeline?.prev_batch, limit: 50 });
    expect(forward.chunk.map((event) => event.event_id)).toEqual(sent.slice(0, 9));
  });
});

testAnswersOf('room_messages');
