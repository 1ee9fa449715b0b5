import { expect, test } from 'vitest';
import { FakeRoom } from './testing/fake-room.ts';
import { type Json, TestClient } from './testing/test-client.ts';

/** Rooms as they are on the public network: their branches meet, and of their past something is missing. */

const bob = '@bob:roost.test';
const carol = '@carol:roost.test';
const slidingList = { lists: { all: { ranges: [[0, 9]], timeline_limit: 10, required_state: [] } } };

const bodies = (entry: Json) => entry.timeline.events.map((event: Json) => event.content.body);
const entries = (events: Json[]) => events.map((event) => `${event.type}|${event.state_key}`).sort();

async function withRoom(name: string): Promise<{ alice: TestClient; room: FakeRoom; since: string }> {
  const alice = await TestClient.login(name);
  const room = FakeRoom.created(name, alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  return { alice, room, since };
}

test('where branches of a room met, the state in force is told, whatever the timeline shows', async () => {
  const { alice, room, since } = await withRoom('v3-corrected');
  room.add(bob, 'm.room.topic', { topic: 'of the losing branch' }, '');
  const name = room.add(bob, 'm.room.name', { name: 'of the timeline' }, '');
  for (let index = 0; index < 3; index += 1) room.message(bob, String(index));
  const topic = room.correct(bob, 'm.room.topic', { topic: 'in force' }, '');
  const banned = room.correct(bob, 'm.room.member', { membership: 'ban' }, carol);
  room.removeState('m.room.join_rules', '');
  await alice.user.applyRoomDelta(room.delta());
  const ids = (section: Json) => section.events.map((event: Json) => event.event_id).sort();
  const corrected = [topic.event_id, banned.event_id];
  const all = [...corrected, name.event_id].sort();
  const entryOf = async (filter: Json, more: Record<string, string> = {}) =>
    (await alice.sync({ since, filter: JSON.stringify({ room: filter }), ...more })).rooms.join[room.roomId];
  const after = { use_state_after: 'true' };
  const timelines: Json[] = [{}, { limit: 1 }, { types: ['m.room.topic'] }, { limit: 0 }];
  for (const timeline of timelines) {
    const told = ids((await entryOf({ timeline }, after)).state_after);
    expect([timeline, told]).toEqual([timeline, all]);
    const shown = await entryOf({ timeline });
    const isShown = ids(shown.timeline).includes(name.event_id);
    expect([timeline, ids(shown.state)]).toEqual([timeline, isShown ? [...corrected].sort() : all]);
  }
  const unfiltered = { state: { types: ['m.room.member'] } };
  expect(ids((await entryOf(unfiltered, after)).state_after)).toEqual([banned.event_id]);
  const full = await entryOf({}, { ...after, full_state: 'true' });
  expect(ids(full.state_after)).toEqual(expect.arrayContaining(all));
  expect(entries(full.state_after.events)).not.toContain('m.room.join_rules|');

  // By itself it ends a wait, and comes once.
  const { next_batch } = await alice.sync();
  const waiting = alice.sync({ since: next_batch, timeout: '60000' });
  await alice.untilWaiting();
  const again = room.correct(bob, 'm.room.topic', { topic: 'and again' }, '');
  await alice.user.applyRoomDelta(room.delta());
  const answer = await waiting;
  expect(ids(answer.rooms.join[room.roomId].state)).toEqual([again.event_id]);
  expect(await alice.sync({ since: answer.next_batch })).not.toHaveProperty('rooms');
});

test('a snapshot has the state in force, not what the last events say', async () => {
  const alice = await TestClient.login('v3-snapshot-forks');
  const room = FakeRoom.created('v3-snapshot-forks', alice.userId, bob);
  room.add(bob, 'm.room.topic', { topic: 'of the losing branch' }, '');
  const topic = room.correct(bob, 'm.room.topic', { topic: 'in force' }, '');
  room.add(bob, 'm.room.avatar', { url: 'mxc://x/y' }, '');
  room.removeState('m.room.avatar', '');
  await alice.user.applyRoomDelta(room.snapshot());
  const entry = (await alice.sync({ use_state_after: 'true' })).rooms.join[room.roomId];
  const told = entry.state_after.events.filter((event: Json) => /topic|avatar/.test(event.type));
  expect(told.map((event: Json) => event.event_id)).toEqual([topic.event_id]);
});

test('sliding sync: where branches met, the state in force comes in required_state, by itself if need be', async () => {
  const { alice, room } = await withRoom('ss-corrected');
  const required_state = [
    ['m.room.name', ''],
    ['m.room.topic', ''],
    ['m.room.member', '$LAZY'],
  ];
  const list = { lists: { all: { ranges: [[0, 9]], timeline_limit: 1, required_state } } };
  room.message(bob, 'by whom bob’s member event is known');
  await alice.user.applyRoomDelta(room.delta());
  const { pos } = await alice.sliding(list);
  room.add(bob, 'm.room.topic', { topic: 'of the losing branch' }, '');
  for (let index = 0; index < 3; index += 1) room.message(bob, String(index));
  const name = room.correct(bob, 'm.room.name', { name: 'in force' }, '');
  const topic = room.correct(bob, 'm.room.topic', { topic: 'in force' }, '');
  room.correct(bob, 'org.example.unasked', {}, '');
  await alice.user.applyRoomDelta(room.delta());
  const answer = await alice.sliding(list, { pos });
  const entry = answer.rooms[room.roomId];
  expect(entry).toMatchObject({ name: 'in force', limited: true });
  const ids = (state: Json[]) => state.map((event) => event.event_id).sort();
  expect(ids(entry.required_state)).toEqual([name.event_id, topic.event_id].sort());
  const waiting = alice.sliding(list, { pos: answer.pos, timeout: '60000' });
  await alice.untilWaiting();
  const member = room.correct(bob, 'm.room.member', { membership: 'join' }, carol);
  await alice.user.applyRoomDelta(room.delta());
  const later = (await waiting).rooms[room.roomId];
  expect(ids(later.required_state)).toEqual([member.event_id]);
  expect(later).not.toHaveProperty('timeline');
});

test('where events are missing the timeline begins anew, limited', async () => {
  const { alice, room, since } = await withRoom('v3-missing');
  room.message(bob, 'before');
  await alice.user.applyRoomDelta(room.delta());
  const { pos } = await alice.sliding(slidingList);
  const { next_batch: between } = await alice.sync({ since });
  room.gap();
  room.message(bob, 'first behind it');
  room.message(bob, 'second');
  await alice.user.applyRoomDelta(room.delta());
  for (const from of [since, between, undefined]) {
    const answer = await alice.sync(from === undefined ? {} : { since: from });
    const entry = answer.rooms.join[room.roomId];
    expect(bodies(entry)).toEqual(['first behind it', 'second']);
    expect(entry.timeline).toMatchObject({ limited: true, prev_batch: `p${room.position - 2}` });
  }
  const sliding = (await alice.sliding(slidingList, { pos })).rooms[room.roomId];
  expect(sliding.timeline.map((event: Json) => event.content.body)).toEqual(['first behind it', 'second']);
  expect(sliding).toMatchObject({ limited: true, num_live: 2, prev_batch: `p${room.position - 2}` });
});
