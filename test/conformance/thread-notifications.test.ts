import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, type JoinedRoom, type SyncAnswer } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } });

/** Alice, who is told of bob's messages, in a room of theirs. */
async function pair() {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  await alice.sync({ filter });
  return { alice, bob, roomId };
}

function inThread(root: string): Record<string, unknown> {
  return { 'm.relates_to': { rel_type: 'm.thread', event_id: root } };
}

/** What the room shows once an event is there. */
async function roomWith(user: User, roomId: string, eventId: string): Promise<JoinedRoom> {
  const sync = await user.syncUntil('the event', hasEvent(roomId, eventId), { filter });
  return sync.rooms?.join?.[roomId] ?? {};
}

function counts(room: JoinedRoom, threadId?: string): [number, number] {
  const source =
    threadId === undefined ? room.unread_notifications : room.unread_thread_notifications?.[threadId];
  return [source?.notification_count ?? 0, source?.highlight_count ?? 0];
}

function receipt(user: User, roomId: string, eventId: string, threadId?: string): Promise<object> {
  const path = p`/v3/rooms/${roomId}/receipt/m.read/${eventId}`;
  return user.ok('POST', path, threadId === undefined ? {} : { thread_id: threadId });
}

test('TestThreadedReceipts', async () => {
  const { alice, bob, roomId } = await pair();
  const root = await bob.message(roomId, 'root');
  const main = await bob.message(roomId, 'main');
  // Mentions, since servers may be silent about threads that nobody follows.
  const mention = { 'm.mentions': { user_ids: [alice.userId] } };
  const reply = await bob.message(roomId, 'reply', { ...inThread(root), ...mention });
  const last = await bob.message(roomId, `${alice.userId}!`, { ...inThread(root), ...mention });
  let room = await roomWith(alice, roomId, last);
  expect([counts(room), counts(room, root)]).toEqual([
    [2, 0],
    [2, 2],
  ]);

  const shows = async (mainCounts: [number, number], threadCounts: [number, number]) => {
    const fits = (sync: SyncAnswer) => {
      const joined = sync.rooms?.join?.[roomId] ?? {};
      return (
        JSON.stringify([counts(joined), counts(joined, root)]) === JSON.stringify([mainCounts, threadCounts])
      );
    };
    await alice.syncUntil(`${mainCounts} and ${threadCounts} unread`, fits, { filter });
  };
  await receipt(alice, roomId, main, 'main');
  await shows([0, 0], [2, 2]);
  await receipt(alice, roomId, reply, root);
  await shows([0, 0], [1, 1]);
  await receipt(alice, roomId, last);
  await shows([0, 0], [0, 0]);
  // Without the filter the thread's messages are counted with the others.
  const after = await bob.message(roomId, 'one more', { ...inThread(root), ...mention });
  const whole = await alice.syncUntil('the message', hasEvent(roomId, after));
  room = whole.rooms?.join?.[roomId] ?? {};
  expect(counts(room)).toEqual([1, 1]);
  expect(room.unread_thread_notifications).toBeUndefined();
});

test('TestThreadReceiptsInSyncMSC4102', async () => {
  const { alice, bob, roomId } = await pair();
  const root = await bob.message(roomId, 'root');
  const reply = await bob.message(roomId, 'reply', inThread(root));
  const since = await bob.now();
  // Where two receipts of one user and event meet in an answer, the unthreaded one wins.
  await receipt(alice, roomId, reply, root);
  await receipt(alice, roomId, reply);
  const receiptsIn = (sync: SyncAnswer) =>
    (sync.rooms?.join?.[roomId]?.ephemeral?.events ?? [])
      .map((event) => event.content[reply] as Record<string, Record<string, object>> | undefined)
      .map((ofEvent) => ofEvent?.['m.read']?.[alice.userId] as { thread_id?: string } | undefined)
      .filter((found) => found !== undefined);
  await bob.syncUntil('the unthreaded receipt', (sync) => receiptsIn(sync).some((r) => !r.thread_id), {
    since,
  });
  const initial = receiptsIn(await bob.sync());
  expect(initial.map(({ thread_id: thread }) => thread)).toEqual([undefined]);
});

testAnswersOf('thread_notifications');
