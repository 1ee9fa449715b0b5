import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { SyncAnswer } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';

const setting = shared(async () => {
  const user = await newUser();
  const roomId = await user.createRoom();
  return { user, roomId, eventId: await user.message(roomId, 'Hello') };
});

function receiptOf(sync: SyncAnswer, roomId: string) {
  return sync.rooms?.join?.[roomId]?.ephemeral?.events.find(({ type }) => type === 'm.receipt');
}

describe('TestRoomReceipts', () => {
  test('A receipt reaches sync', async () => {
    const { user, roomId, eventId } = await setting();
    await user.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read/${eventId}`, {});
    const sync = await user.syncUntil('the receipt', (answer) => receiptOf(answer, roomId) !== undefined);
    expect(receiptOf(sync, roomId)?.content).toMatchObject({
      [eventId]: { 'm.read': { [user.userId]: { ts: expect.any(Number) } } },
    });
  });

  test('Receipts DO NOT include a `room_id` field', async () => {
    const { user, roomId, eventId } = await setting();
    await user.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read/${eventId}`, {});
    const sync = await user.syncUntil('the receipt', (answer) => receiptOf(answer, roomId) !== undefined);
    expect(receiptOf(sync, roomId)).not.toHaveProperty('room_id');
  });
});

test('TestRoomReadMarkers', async () => {
  const { user, roomId, eventId } = await setting();
  await user.ok('POST', p`/v3/rooms/${roomId}/read_markers`, {
    'm.fully_read': eventId,
    'm.read': eventId,
  });
  const markerOf = (sync: SyncAnswer) =>
    sync.rooms?.join?.[roomId]?.account_data?.events.find(({ type }) => type === 'm.fully_read');
  let marker: unknown;
  let receipt: unknown;
  await user.syncUntil('marker and receipt', (answer) => {
    marker = markerOf(answer)?.content ?? marker;
    receipt = receiptOf(answer, roomId)?.content ?? receipt;
    return marker !== undefined && receipt !== undefined;
  });
  expect(marker).toEqual({ event_id: eventId });
  expect(receipt).toHaveProperty([eventId, 'm.read', user.userId]);
});

testAnswersOf('apidoc_room_receipts');
