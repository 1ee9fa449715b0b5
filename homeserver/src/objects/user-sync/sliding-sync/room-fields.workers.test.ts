import { expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';
const carol = '@carol:roost.test';

const ask = (limit: number, more: Json = {}): Json => ({
  lists: { all: { timeline_limit: limit, ranges: [[0, 19]], required_state: [] } },
  ...more,
});

async function withRoom(name: string): Promise<{ alice: TestClient; room: FakeRoom }> {
  const alice = await TestClient.login(name);
  const room = FakeRoom.created(name, alice.userId, bob);
  room.message(bob, 'first');
  await alice.user.applyRoomDelta(room.snapshot());
  return { alice, room };
}

test('a name or picture that is removed is null, and then there are heroes', async () => {
  const { alice, room } = await withRoom('ssr-name');
  const first = await alice.sliding(ask(1));
  expect(first.rooms[room.roomId]).toMatchObject({ name: 'ssr-name' });
  expect(first.rooms[room.roomId]).not.toHaveProperty('heroes');
  expect(first.rooms[room.roomId]).not.toHaveProperty('avatar');
  room.add(bob, 'm.room.avatar', { url: 'mxc://roost.test/a' }, '');
  await alice.user.applyRoomDelta(room.delta());
  const second = await alice.sliding(ask(1), { pos: first.pos });
  expect(second.rooms[room.roomId]).toMatchObject({ avatar: 'mxc://roost.test/a' });
  expect(second.rooms[room.roomId]).not.toHaveProperty('name');
  room.add(bob, 'm.room.name', {}, '');
  room.add(bob, 'm.room.avatar', {}, '');
  await alice.user.applyRoomDelta(room.delta());
  const third = await alice.sliding(ask(1), { pos: second.pos });
  expect(third.rooms[room.roomId]).toMatchObject({ name: null, avatar: null, heroes: [{ user_id: bob }] });
  const anew = (await alice.sliding(ask(1))).rooms[room.roomId];
  expect(anew.heroes).toEqual([{ user_id: bob }]);
  expect([anew.name, anew.avatar]).toEqual([undefined, undefined]);
});

test('heroes come anew when a membership changes: five at most, with their names', async () => {
  const { alice, room } = await withRoom('ssr-heroes');
  room.add(bob, 'm.room.name', {}, '');
  await alice.user.applyRoomDelta(room.delta());
  const first = await alice.sliding(ask(1));
  expect(first.rooms[room.roomId].heroes).toEqual([{ user_id: bob }]);
  for (let index = 0; index < 7; index += 1) {
    room.member(`@hero-${index}:roost.test`, 'join', undefined, { displayname: `Hero ${index}` });
  }
  await alice.user.applyRoomDelta(room.delta());
  const { heroes, joined_count } = (await alice.sliding(ask(1), { pos: first.pos })).rooms[room.roomId];
  expect(joined_count).toBe(9);
  expect(heroes).toHaveLength(5);
  expect(heroes[1]).toEqual({ user_id: '@hero-0:roost.test', displayname: 'Hero 0' });
  expect(heroes.map((hero: Json) => hero.user_id)).not.toContain(alice.userId);
});

test('bump_stamp moves by messages, and not by other events', async () => {
  const { alice, room } = await withRoom('ssr-bump');
  let answer = await alice.sliding(ask(1));
  let stamp: number = answer.rooms[room.roomId].bump_stamp;
  const bumps = async (type: string, stateKey?: string) => {
    room.add(bob, type, { body: 'x' }, stateKey);
    await alice.user.applyRoomDelta(room.delta());
    answer = await alice.sliding(ask(1), { pos: answer.pos });
    const before = stamp;
    stamp = answer.rooms[room.roomId].bump_stamp;
    return stamp > before;
  };
  for (const type of ['m.reaction', 'm.room.redaction', 'm.call.hangup', 'm.poll.response']) {
    expect([type, await bumps(type)]).toEqual([type, false]);
  }
  expect(await bumps('m.room.topic', '')).toBe(false);
  for (const type of ['m.room.message', 'm.room.encrypted', 'm.sticker', 'm.call.invite', 'm.poll.start']) {
    expect([type, await bumps(type)]).toEqual([type, true]);
  }
});

test('num_live counts what is newer than the position, also where older events come along', async () => {
  const { alice, room } = await withRoom('ssr-live');
  for (const body of ['a', 'b', 'c']) room.message(bob, body);
  await alice.user.applyRoomDelta(room.delta());
  const first = await alice.sliding(ask(1));
  expect(first.rooms[room.roomId]).toMatchObject({ num_live: 0, limited: true });
  room.message(bob, 'd');
  await alice.user.applyRoomDelta(room.delta());
  const second = (await alice.sliding(ask(3), { pos: first.pos })).rooms[room.roomId];
  expect(second.timeline.map((event: Json) => event.content.body)).toEqual(['b', 'c', 'd']);
  expect(second).toMatchObject({ num_live: 1, unstable_expanded_timeline: true, limited: true });
  expect(second.prev_batch).toBe(`p${room.position - 3}`);
});

test('who leaves is told the own member event, whatever state was asked for', async () => {
  const { alice, room } = await withRoom('ssr-leave');
  const invited = new FakeRoom('ssr-invited', alice.userId);
  invited.add(bob, 'm.room.create', { room_version: '12' }, '');
  invited.member(bob, 'join');
  await alice.user.applyRoomDelta(invited.invitation(bob));
  const first = await alice.sliding(ask(0));
  expect(first.rooms[invited.roomId]).toMatchObject({ invite_state: expect.anything() });
  expect(first.rooms[invited.roomId]).not.toHaveProperty('required_state');
  room.member(alice.userId, 'leave', bob);
  await alice.user.applyRoomDelta(room.delta());
  invited.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(invited.delta());
  const second = await alice.sliding(ask(0), { pos: first.pos });
  for (const roomId of [room.roomId, invited.roomId]) {
    expect(second.rooms[roomId].required_state).toMatchObject([
      { type: 'm.room.member', state_key: alice.userId, content: { membership: 'leave' } },
    ]);
  }
});

test('a knock shows its stripped state, with the own member event', async () => {
  const alice = await TestClient.login('ssr-knock');
  const room = new FakeRoom('ssr-knock', alice.userId);
  room.add(bob, 'm.room.create', { room_version: '12' }, '');
  room.member(bob, 'join');
  const knock = room.member(alice.userId, 'knock');
  const strippedState = [
    { type: 'm.room.name', state_key: '', sender: bob as UserId, content: { name: 'Door' } },
    { type: knock.type, state_key: alice.userId, sender: alice.userId, content: knock.content },
  ];
  const snapshot = { roomVersion: '12', state: [], strippedState };
  await alice.user.applyRoomDelta(room.delta({ events: [], snapshot }));
  const entry = (await alice.sliding(ask(5))).rooms[room.roomId];
  expect(entry).toMatchObject({ initial: true, name: 'Door', invite_state: strippedState });
  expect(entry.bump_stamp).toBeGreaterThan(0);
  expect(entry).not.toHaveProperty('timeline');
});

test('is_dm is of m.direct, and of an invitation that says so', async () => {
  const { alice, room } = await withRoom('ssr-dm');
  const invited = new FakeRoom('ssr-dm-invited', alice.userId);
  invited.add(bob, 'm.room.create', { room_version: '12' }, '');
  const invitation = invited.invitation(bob);
  const own = invitation.snapshot?.strippedState?.find(({ state_key }) => state_key === alice.userId);
  if (own) own.content = { ...own.content, is_direct: true };
  await alice.user.applyRoomDelta(invitation);
  const first = (await alice.sliding(ask(1))).rooms;
  expect([first[room.roomId].is_dm, first[invited.roomId].is_dm]).toEqual([false, true]);
  await alice.user.putAccountData('m.direct', { [bob]: [room.roomId] });
  expect((await alice.sliding(ask(1))).rooms[room.roomId].is_dm).toBe(true);
});

test('an extension that is asked for later tells of every room that the lists show', async () => {
  const { alice, room } = await withRoom('ssr-late');
  await alice.user.putAccountData('m.tag', { tags: { 'm.favourite': {} } }, room.roomId);
  const event = room.message(alice.userId, 'own');
  const receipts = { [event.event_id]: { 'm.read': { [alice.userId]: { ts: 1 } } } };
  await alice.user.applyRoomDelta(room.delta({ receipts, typing: [carol as UserId] }));
  const first = await alice.sliding(ask(1));
  const extensions = {
    account_data: { enabled: true },
    receipts: { enabled: true },
    typing: { enabled: true },
  };
  const second = await alice.sliding(ask(1, { extensions }), { pos: first.pos });
  expect(second.rooms).toEqual({});
  const { account_data, ...others } = second.extensions;
  expect(account_data.global.map(({ type }: Json) => type)).toContain('m.push_rules');
  expect(account_data.rooms[room.roomId].map(({ type }: Json) => type)).toEqual(['m.tag']);
  expect(others).toMatchObject({
    receipts: { rooms: { [room.roomId]: { content: receipts } } },
    typing: { rooms: { [room.roomId]: { content: { user_ids: [carol] } } } },
  });
  const third = await alice.sliding(ask(1, { extensions }), { pos: second.pos });
  expect(third.extensions).toEqual({
    account_data: { global: [], rooms: {} },
    receipts: { rooms: {} },
    typing: { rooms: {} },
  });
});
