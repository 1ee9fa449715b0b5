import { expect, test } from 'vitest';
import type { EventId } from '../../../matrix/identifiers.ts';
import type { RoomRpc } from '../objects/room-rpc.ts';
import { streamPdus } from './stream-pdus.ts';

const ids = Array.from({ length: 300 }, (_, index) => `$${index}` as EventId);

function roomWith(stateEventsFor: RoomRpc['stateEventsFor']): RoomRpc {
  return { stateEventsFor } as unknown as RoomRpc;
}

test('lists are one JSON text, however many events they have', async () => {
  const room = roomWith(async (_, eventIds) => ({
    kind: 'pdus',
    pdus: eventIds.map((id) => ({ id })) as never,
  }));
  const response = streamPdus(room, 'one', { a: 1 }, { pdus: ids, auth_chain: [] });
  expect(await response.json()).toEqual({ a: 1, pdus: ids.map((id) => ({ id })), auth_chain: [] });
});

test('an answer that cannot be finished ends, without an exception, and is no JSON', async () => {
  const denied = { kind: 'denied', status: 403, errcode: 'M_FORBIDDEN', error: 'Not in the room' } as const;
  const fails = async () => Promise.reject(new Error('overloaded'));
  for (const refuse of [async () => denied, fails]) {
    const room = roomWith(refuse as RoomRpc['stateEventsFor']);
    const text = await streamPdus(room, 'one', {}, { pdus: ids }).text();
    expect(text).toBe('{"pdus":[');
  }
});
