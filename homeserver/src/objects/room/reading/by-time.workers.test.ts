import { expect, test } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { alice, bob, carol, makeRoom, type TestRoom } from '../testing/test-room.ts';

async function sendAt(room: TestRoom, originServerTs: number, body = 'hi'): Promise<EventId> {
  const sent = await room.send(alice, body, { originServerTs });
  if (sent.kind !== 'accepted') throw new Error(sent.error);
  return sent.eventId;
}

/** Behind all that a new room consists of. */
const start = Date.now() + 1_000_000;

async function at(room: TestRoom, timeMs: number, dir: 'f' | 'b', userId = alice) {
  const found = await room.rpc.readByTime(userId, timeMs, dir);
  return found.kind === 'found' ? found.eventId : found.status;
}

test('the closest event in the direction, that moment included', async () => {
  const room = await makeRoom();
  const [a, b, c] = [
    await sendAt(room, start),
    await sendAt(room, start + 10),
    await sendAt(room, start + 20),
  ];
  expect(await at(room, start, 'f')).toBe(a);
  expect(await at(room, start + 1, 'f')).toBe(b);
  expect(await at(room, start + 19, 'b')).toBe(b);
  expect(await at(room, start + 20, 'b')).toBe(c);
  expect(await at(room, start + 1_000, 'b')).toBe(c);
  expect(await at(room, start + 21, 'f')).toBe(404);
  expect(await at(room, 0, 'b')).toBe(404);
});

test('of events of one moment, the first going forward and the last going back', async () => {
  const room = await makeRoom();
  const [first] = [await sendAt(room, start), await sendAt(room, start, 'between')];
  const last = await sendAt(room, start, 'last');
  expect(await at(room, start - 1, 'f')).toBe(first);
  expect(await at(room, start + 1, 'b')).toBe(last);
});

test('history that was brought in later is found at its time', async () => {
  const room = await makeRoom();
  const old = [await sendAt(room, 1_000), await sendAt(room, 2_000), await sendAt(room, 3_000)];
  const live = await sendAt(room, start);
  expect(await at(room, 1_500, 'f')).toBe(old[1]);
  expect(await at(room, 1_500, 'b')).toBe(old[0]);
  expect(await at(room, 3_001, 'b')).toBe(old[2]);
  expect(await at(room, start - 1, 'f')).toBe(live);
});

test('nobody finds what they may not see', async () => {
  const room = await makeRoom({
    initialState: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    ],
  });
  await sendAt(room, start);
  expect(await at(room, start, 'f', bob)).toBe(403);
  const joined = await room.member(bob, 'join');
  const seen = await sendAt(room, start + 10);
  expect(joined.kind).toBe('accepted');
  expect(await at(room, start, 'f', bob)).toBe(seen);
  expect(await at(room, start + 5, 'b', bob)).toBe(joined.kind === 'accepted' && joined.eventId);
  expect(await at(room, start + 5, 'b', carol)).toBe(403);
});

test('times in order are found exactly, however many', async () => {
  const room = await makeRoom();
  const ids: EventId[] = [];
  for (let index = 0; index < 60; index += 1) ids.push(await sendAt(room, start + index * 10));
  for (let index = 0; index < 60; index += 7) {
    expect(await at(room, start + index * 10 - 5, 'f')).toBe(ids[index]);
    expect(await at(room, start + index * 10 + 5, 'b')).toBe(ids[index]);
  }
});
