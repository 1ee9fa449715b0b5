import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent, Page } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

function threadOf(event: ClientEvent | undefined): Record<string, unknown> | undefined {
  const relations = event?.unsigned?.['m.relations'] as Record<string, Record<string, unknown>> | undefined;
  return relations?.['m.thread'];
}

test('TestThreadsEndpoint', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  const inThread = (root: string) => ({ 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
  const first = await alice.message(roomId, 'first root');
  const second = await bob.message(roomId, 'second root');
  await alice.message(roomId, 'no root');
  await alice.message(roomId, 'in the first', inThread(first));
  await bob.message(roomId, 'in the second', inThread(second));

  const path = p`/v1/rooms/${roomId}/threads`;
  const threads = async (query: Record<string, string | number> = {}) =>
    user.ok<Page & { next_batch?: string }>('GET', path, undefined, query);
  const user = alice;
  const ids = (page: Page) => page.chunk.map((event) => event.event_id);

  const all = await threads();
  expect(ids(all)).toEqual([second, first]);
  expect(threadOf(all.chunk[0])).toMatchObject({
    count: 1,
    current_user_participated: false,
    latest_event: { content: { body: 'in the second' } },
  });
  expect(threadOf(all.chunk[1])).toMatchObject({ count: 1, current_user_participated: true });

  // A thread comes first when something is said in it.
  const latest = await bob.message(roomId, 'in the first again', inThread(first));
  const again = await threads();
  expect(ids(again)).toEqual([first, second]);
  expect(threadOf(again.chunk[0])).toMatchObject({ count: 2, latest_event: { event_id: latest } });

  expect(ids(await threads({ include: 'participated' }))).toEqual([first]);
  const page = await threads({ limit: 1 });
  expect(ids(page)).toEqual([first]);
  expect(ids(await threads({ limit: 1, from: page.next_batch ?? '' }))).toEqual([second]);
});

testAnswersOf('room_threads');
