import { evictDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { TestClient } from './testing/test-client.ts';

const bob = '@bob:roost.test';
const extension = 'io.element.msc4308.thread_subscriptions';
const body = { extensions: { [extension]: { enabled: true } } };

test('threads notify by subscription from the first one on; before, as other messages do', async () => {
  const alice = await TestClient.login('threads-notify');
  const room = FakeRoom.created('threads-notify', alice.userId, bob);
  const roots = ['one', 'two'].map((name) => room.message(bob, name).event_id);
  const [one = '' as EventId, two = '' as EventId] = roots;
  await alice.user.applyRoomDelta(room.snapshot());
  const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } });
  const counts = async () => {
    for (const root of roots) {
      room.message(bob, 'reply', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
    }
    await alice.user.applyRoomDelta(room.delta());
    const { rooms } = await alice.sync({ filter });
    const threads = rooms.join[room.roomId].unread_thread_notifications;
    return roots.map((root) => threads[root]?.notification_count ?? 0);
  };
  expect(await counts()).toEqual([1, 1]);
  await alice.user.subscribeToThread(room.roomId, one);
  expect(await counts()).toEqual([2, 1]);
  await alice.user.unsubscribeFromThread(room.roomId, one);
  await alice.user.subscribeToThread(room.roomId, two);
  expect(await counts()).toEqual([2, 2]);
});

test('a subscription ends a wait, and its position outlives the object', async () => {
  const alice = await TestClient.login('threads-evicted');
  const room = FakeRoom.created('threads-evicted', alice.userId, bob);
  const root = room.message(bob, 'root').event_id;
  await alice.user.applyRoomDelta(room.snapshot());
  const { pos } = await alice.sliding(body);
  const waiting = alice.sliding(body, { pos, timeout: '60000' });
  await alice.untilWaiting();
  await evictDurableObject(alice.stub);
  await alice.user.subscribeToThread(room.roomId, root);
  const told = await waiting;
  expect(told.extensions[extension].subscribed[room.roomId]).toHaveProperty([root]);
  await alice.user.joinedRooms();
  await evictDurableObject(alice.stub);
  expect((await alice.sliding(body, { pos: told.pos })).extensions[extension]).toEqual({});
  await alice.user.unsubscribeFromThread(room.roomId, root);
  const { extensions } = await alice.sliding(body, { pos: told.pos });
  expect(extensions[extension].unsubscribed[room.roomId]).toHaveProperty([root]);
});
