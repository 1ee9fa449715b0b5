import { expect, test } from 'vitest';
import type { EventId, RoomId } from '../../../matrix/identifiers.ts';
import { toClientEvent } from './client-format.ts';
import { testRoom } from './testing/room.ts';
import { version } from './testing/versions.ts';

const eventId = '$id' as EventId;

test('shows what clients know, and nothing of how servers exchange it', () => {
  const room = testRoom(version('11'));
  const pdu = room.event({
    type: 'm.room.topic',
    sender: '@a:one',
    state_key: '',
    content: { topic: 'x' },
    unsigned: { age: 5 },
  });
  expect(toClientEvent(pdu, eventId, {}, room.version)).toEqual({
    event_id: '$id',
    type: 'm.room.topic',
    sender: '@a:one',
    state_key: '',
    content: { topic: 'x' },
    origin_server_ts: 1,
  });
});

test('room id and unsigned on demand', () => {
  const room = testRoom(version('12'));
  const roomId = '!r' as RoomId;
  const shown = (unsigned: object) =>
    toClientEvent(room.create, eventId, { roomId, unsigned: { ...unsigned } }, room.version);
  expect(shown({ age: 1 })).toMatchObject({ room_id: '!r', unsigned: { age: 1 } });
  expect('unsigned' in shown({})).toBe(false);
});

test.each(['10', '11'])('room version %s: a redaction names its target in both places', (id) => {
  const room = testRoom(version(id));
  const target =
    id === '10' ? { redacts: '$t', content: { reason: 'x' } } : { content: { reason: 'x', redacts: '$t' } };
  const pdu = room.event({ type: 'm.room.redaction', sender: '@a:one', ...target });
  expect(toClientEvent(pdu, eventId, {}, room.version)).toMatchObject({
    redacts: '$t',
    content: { reason: 'x', redacts: '$t' },
  });
  const other = room.event({ ...pdu, type: 'm.room.message' });
  expect('redacts' in toClientEvent(other, eventId, {}, room.version)).toBe(false);
});

test('a redaction without a target', () => {
  const room = testRoom(version('11'));
  const pdu = room.event({ type: 'm.room.redaction', sender: '@a:one', content: {} });
  expect(toClientEvent(pdu, eventId, {}, room.version).content).toEqual({});
});
