import { expect, test } from 'vitest';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';
const stateOf = (room: Json) => room.required_state.map((event: Json) => `${event.type}|${event.state_key}`);

test('the accepted form of MSC4186: other names, the same connection', async () => {
  const alice = await TestClient.login('ss-v4');
  const room = FakeRoom.created('ss-v4', alice.userId, bob);
  room.message(bob, 'first');
  room.add(bob, 'm.room.topic', { topic: 'old' }, '');
  await alice.user.applyRoomDelta(room.snapshot());
  const invited = new FakeRoom('ss-v4-invited', alice.userId);
  invited.add(bob, 'm.room.create', {}, '');
  await alice.user.applyRoomDelta(invited.invitation(bob));
  const required = (exclude: Json[] = [], lazy = true) => ({
    include: [{}],
    exclude,
    lazy_members: lazy,
  });
  const config = { timeline_limit: 2, required_state: required([{ type: 'm.room.create' }]) };
  const body = (more: Json = {}): Json => ({
    lists: {
      all: { ...config, range: [0, 9] },
      invited: { ...config, range: [0, 9], filters: { is_invited: true } },
    },
    extensions: { account_data: { enabled: true }, thread_subscriptions: { limit: 5 } },
    ...more,
  });
  const ask = async (request: Json): Promise<Json> =>
    (await alice.call('POST', '/_matrix/client/v4/sync', request)).json();
  const first = await ask(body());
  expect(first.lists).toEqual({ all: { count: 2 }, invited: { count: 1 } });
  const entry = first.rooms[room.roomId];
  expect(entry).toMatchObject({ initial: true, membership: 'join', lists: ['all'], limited: true });
  expect(entry.timeline_events.map((event: Json) => event.type)).toEqual(['m.room.message', 'm.room.topic']);
  expect(entry).not.toHaveProperty('timeline');
  expect(stateOf(entry)).not.toContain('m.room.create|');
  expect(stateOf(entry)).toContain('m.room.power_levels|');
  expect(stateOf(entry)).toContain(`m.room.member|${bob}`);
  const invite = first.rooms[invited.roomId];
  expect(invite).toMatchObject({ membership: 'invite', lists: ['all', 'invited'] });
  expect(invite.stripped_state.map((event: Json) => event.type)).toContain('m.room.member');
  expect(first.extensions.thread_subscriptions).toEqual({});

  // The wait, and what the subscription without exceptions adds.
  const waiting = ask(body({ pos: first.pos, timeout: 60_000 }));
  await alice.untilWaiting();
  room.message(bob, 'second');
  await alice.user.applyRoomDelta(room.delta());
  const second = await waiting;
  expect(second.rooms[room.roomId].timeline_events.map((event: Json) => event.content.body)).toEqual([
    'second',
  ]);
  const subscription = { timeline_limit: 4, required_state: { include: [{ type: 'm.room.create' }] } };
  const more = body({ pos: second.pos, room_subscriptions: { [room.roomId]: subscription } });
  const third = (await ask(more)).rooms[room.roomId];
  expect(third.expanded_timeline).toBe(true);
  expect(stateOf(third)).toContain('m.room.create|');
  expect(stateOf(third)).not.toContain('m.room.power_levels|');
  const unknown = await alice.call('POST', '/_matrix/client/v4/sync', body({ pos: 'c1.1.1.00' }));
  expect([unknown.status, ((await unknown.json()) as Json).errcode]).toEqual([400, 'M_UNKNOWN_POS']);
  for (const bad of [{ set_presence: 'away' }, { lists: { all: {} } }, { timeout: -1 }]) {
    expect((await alice.call('POST', '/_matrix/client/v4/sync', body(bad))).status).toBe(400);
  }
});
