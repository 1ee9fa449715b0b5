import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function fetchEvent(user: User, roomId: string, eventId: string) {
  return user.call('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
}

async function expectSeen(user: User, roomId: string, eventId: string): Promise<void> {
  const answer = await fetchEvent(user, roomId, eventId);
  expect([answer.status, answer.body.event_id]).toEqual([200, eventId]);
}

async function expectHidden(user: User, roomId: string, eventId: string): Promise<void> {
  const answer = await fetchEvent(user, roomId, eventId);
  expect([answer.status, answer.body.errcode]).toEqual([404, 'M_NOT_FOUND']);
}

/** A room to which anybody may come, with that visibility of its history. */
async function roomWith(visibility: string) {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } },
    ],
  });
  return { alice, bob, roomId };
}

test('TestFetchEvent', async () => {
  const { alice, bob, roomId } = await roomWith('shared');
  await bob.join(roomId);
  const eventId = await alice.message(roomId, 'Hello');
  const { body } = await fetchEvent(bob, roomId, eventId);
  expect(body).toMatchObject({
    type: 'm.room.message',
    event_id: eventId,
    room_id: roomId,
    sender: alice.userId,
    content: { msgtype: 'm.text', body: 'Hello' },
    origin_server_ts: expect.any(Number),
  });
});

test('TestFetchHistoricalJoinedEventDenied', async () => {
  const { alice, bob, roomId } = await roomWith('joined');
  const eventId = await alice.message(roomId, 'before bob');
  await bob.join(roomId);
  await expectHidden(bob, roomId, eventId);
  await expectSeen(alice, roomId, eventId);
});

test('TestFetchHistoricalSharedEvent', async () => {
  const { alice, bob, roomId } = await roomWith('shared');
  const eventId = await alice.message(roomId, 'before bob');
  await bob.join(roomId);
  await expectSeen(bob, roomId, eventId);
});

test('TestFetchHistoricalInvitedEventFromBetweenInvite', async () => {
  const { alice, bob, roomId } = await roomWith('invited');
  await alice.invite(roomId, bob);
  const eventId = await alice.message(roomId, 'between invitation and join');
  await bob.join(roomId);
  await expectSeen(bob, roomId, eventId);
});

test('TestFetchHistoricalInvitedEventFromBeforeInvite', async () => {
  const { alice, bob, roomId } = await roomWith('invited');
  const eventId = await alice.message(roomId, 'before the invitation');
  await alice.invite(roomId, bob);
  await bob.join(roomId);
  await expectHidden(bob, roomId, eventId);
});

test('TestFetchEventNonWorldReadable', async () => {
  const { alice, bob, roomId } = await roomWith('shared');
  const eventId = await alice.message(roomId, 'for members');
  const { status } = await fetchEvent(bob, roomId, eventId);
  expect([403, 404]).toContain(status);
});

test('TestFetchEventWorldReadable', async () => {
  const { alice, bob, roomId } = await roomWith('world_readable');
  const eventId = await alice.message(roomId, 'for everybody');
  await expectSeen(bob, roomId, eventId);
});

test('What hides an event hides it in /messages and /context too', async () => {
  const { alice, bob, roomId } = await roomWith('joined');
  const hidden = await alice.message(roomId, 'before bob');
  await bob.join(roomId);
  const seen = await alice.message(roomId, 'after bob');
  const ids = (events: { event_id: string }[]) => events.map((event) => event.event_id);
  const { chunk } = await bob.pageOf(roomId, { dir: 'b', limit: 50 });
  expect(ids(chunk)).toContain(seen);
  expect(ids(chunk)).not.toContain(hidden);
  const context = await bob.ok<{ events_before: { event_id: string }[] }>(
    'GET',
    p`/v3/rooms/${roomId}/context/${seen}`,
  );
  expect(ids(context.events_before)).not.toContain(hidden);
  expect((await bob.call('GET', p`/v3/rooms/${roomId}/context/${hidden}`)).status).not.toBe(200);
});

testAnswersOf('apidoc_room_history_visibility');
