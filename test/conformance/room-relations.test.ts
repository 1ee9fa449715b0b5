import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, isJoined, type Page } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

async function roomWithRoot() {
  const user = await newUser();
  const roomId = await user.createRoom();
  return { user, roomId, root: await user.message(roomId, 'root') };
}

function reply(user: User, roomId: string, root: string, text: string): Promise<string> {
  return user.message(roomId, text, { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
}

function ids(page: Page): string[] {
  return page.chunk.map((event) => event.event_id);
}

test('TestRelations', async () => {
  const { user, roomId, root } = await roomWithRoot();
  const inThread = await reply(user, roomId, root, 'in thread');
  const reference = await user.message(roomId, 'refers', {
    'm.relates_to': { rel_type: 'm.reference', event_id: root },
  });
  const ofOtherType = await user.send(roomId, 'org.example.dummy', {
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  });
  const path = p`/v1/rooms/${roomId}/relations/${root}`;
  const related = (suffix: string) => user.ok<Page>('GET', `${path}${suffix}`);
  expect(ids(await related(''))).toEqual([ofOtherType, reference, inThread]);
  expect(ids(await related('/m.thread'))).toEqual([ofOtherType, inThread]);
  expect(ids(await related('/m.reference'))).toEqual([reference]);
  expect(ids(await related('/m.thread/m.room.message'))).toEqual([inThread]);
  expect(ids(await related('/m.annotation'))).toEqual([]);
});

test('TestRelationsPagination', async () => {
  const { user, roomId, root } = await roomWithRoot();
  const replies: string[] = [];
  for (let i = 0; i < 10; i++) replies.push(await reply(user, roomId, root, `reply ${i}`));
  const path = p`/v1/rooms/${roomId}/relations/${root}`;
  for (const [dir, order] of [
    ['b', replies.toReversed()],
    ['f', replies],
  ] as const) {
    const first = await user.ok<Page & { next_batch?: string; prev_batch?: string }>('GET', path, undefined, {
      dir,
      limit: 3,
    });
    expect(ids(first)).toEqual(order.slice(0, 3));
    const second = await user.ok<Page & { next_batch?: string }>('GET', path, undefined, {
      dir,
      limit: 3,
      from: first.next_batch,
    });
    expect(ids(second)).toEqual(order.slice(3, 6));
  }
});

test('TestRelationsPaginationSync', async () => {
  const { user, roomId, root } = await roomWithRoot();
  await user.syncUntil('the room', isJoined(roomId));
  const since = await user.now();
  const replies: string[] = [];
  for (let i = 0; i < 10; i++) replies.push(await reply(user, roomId, root, `reply ${i}`));
  const path = p`/v1/rooms/${roomId}/relations/${root}`;
  const forward = await user.ok<Page>('GET', path, undefined, { dir: 'f', from: since, limit: 5 });
  expect(ids(forward)).toEqual(replies.slice(0, 5));
  const filter = JSON.stringify({ room: { timeline: { limit: 4 } } });
  const sync = await user.syncUntil('the replies', hasEvent(roomId, replies.at(-1) ?? ''), { filter });
  const from = sync.rooms?.join?.[roomId]?.timeline?.prev_batch;
  const backward = await user.ok<Page>('GET', path, undefined, { dir: 'b', from, limit: 3 });
  expect(ids(backward)).toEqual(replies.slice(3, 6).toReversed());
});

testAnswersOf('room_relations');
