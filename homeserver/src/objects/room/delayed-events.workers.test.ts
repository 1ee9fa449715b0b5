import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import { moderator, startRoom, topic } from './testing/started-room.ts';
import { alice, roomStub } from './testing/test-room.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const later = (text: string, delayId: string) => ({
  event: { sender: alice, type: 'm.room.topic', stateKey: '', content: { topic: text } },
  delayId,
  delayMs: 10_000,
});

test('state that somebody sets on another server cancels what was to be set here', async () => {
  const room = await startRoom('12', 'delayed');
  const stub = roomStub(room.roomId);
  expect(await stub.scheduleDelayed(later('of alice, later', 'one'))).toEqual({ kind: 'scheduled' });
  const set = await room.receive(topic(moderator, 'of the moderator'), [room.start]);
  expect(await stub.delayedEvents(alice)).toEqual([]);
  const nowMs = Date.now() + 10_001;
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
  await runDurableObjectAlarm(stub);
  expect(await room.value('m.room.topic')).toBe(set);
});

test('what has become due together is sent in order, and cancels nothing of the same user', async () => {
  const room = await startRoom('12', 'delayed-twice');
  const stub = roomStub(room.roomId);
  await stub.scheduleDelayed(later('first', 'one'));
  await stub.scheduleDelayed({ ...later('again', 'two'), delayMs: 20_000 });
  const events = await stub.delayedEvents(alice);
  expect(events.map(({ delayId }) => delayId)).toEqual(['one', 'two']);
  const nowMs = Date.now() + 30_000;
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
  await runDurableObjectAlarm(stub);
  expect(await stub.delayedEvents(alice)).toEqual([]);
  expect(await room.rpc.readStateEvent(alice, 'm.room.topic', '')).toMatchObject({
    event: { content: { topic: 'again' } },
  });
});
