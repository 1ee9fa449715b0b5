import { expect, test } from 'vitest';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';

const roomList = (more: Json = {}): Json => ({
  conn_id: 'room-list',
  lists: { all_rooms: { timeline_limit: 1, ranges: [[0, 19]], required_state: [['m.room.name', '']] } },
  ...more,
});

test('a waiting call that was given up takes nothing back from the one that follows it', async () => {
  const alice = await TestClient.login('ss-overtaken');
  const room = FakeRoom.created('ss-overtaken', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { pos } = await alice.sliding(roomList());
  const givenUp = alice.sliding(roomList(), { pos, timeout: '60000' });
  await alice.untilWaiting();
  // The client asks anew to change its request, as Element X does when a room is opened.
  const opened = roomList({
    room_subscriptions: { [room.roomId]: { timeline_limit: 20, required_state: [] } },
  });
  const changed = await alice.sliding(opened, { pos, timeout: '60000' });
  room.message(bob, 'second');
  await alice.user.applyRoomDelta(room.delta());
  expect(await givenUp).toMatchObject({ pos, rooms: {} });
  const next = await alice.sliding(opened, { pos: changed.pos, timeout: '60000' });
  const bodies = next.rooms[room.roomId].timeline.map((event: Json) => event.content.body);
  expect(bodies).toEqual(['second']);
});
