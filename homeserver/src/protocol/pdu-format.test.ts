import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { parsePdu, sizeProblem } from './pdu-format.ts';
import { createEvent, reference, testRoom } from './testing/room.ts';
import { allVersions, version } from './testing/versions.ts';

describe.each(allVersions)('room version $id', (roomVersion) => {
  const room = testRoom(roomVersion);
  const message: JsonObject = room.event({
    type: 'm.room.message',
    sender: '@a:one',
    ...(roomVersion.eventIds === 'assigned' ? { event_id: '$e:one' } : {}),
    auth_events: [reference('auth', roomVersion)],
  });
  const accepts = (change: JsonObject) => parsePdu({ ...message, ...change }, roomVersion).kind === 'pdu';
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => reference(`e${index}`, roomVersion));

  test('accepted, as the object that came in', () => {
    const parsed = parsePdu(message, roomVersion);
    expect(parsed.kind === 'pdu' && parsed.pdu).toBe(message);
    expect(accepts({ state_key: 'x', unsigned: { age: 1 }, unknown: [1] })).toBe(true);
    expect(parsePdu(createEvent(roomVersion), roomVersion).kind).toBe('pdu');
  });

  test.each<[string, JsonObject]>([
    ['type', { type: 5 }],
    ['type too long', { type: 'é'.repeat(128) }],
    ['no type', { type: undefined }],
    ['sender', { sender: 'a:one' }],
    ['sender without server', { sender: '@a' }],
    ['sender too long', { sender: `@${'a'.repeat(251)}:one` }],
    ['state_key', { state_key: null }],
    ['state_key too long', { state_key: 'x'.repeat(256) }],
    ['content', { content: [] }],
    ['no content', { content: undefined }],
    ['negative depth', { depth: -1 }],
    ['depth as text', { depth: '1' }],
    ['fractional depth', { depth: 1.5 }],
    ['time as text', { origin_server_ts: '1' }],
    ['no time', { origin_server_ts: undefined }],
    ['no hashes', { hashes: {} }],
    ['signatures', { signatures: { one: { key: 1 } } }],
    ['no signatures', { signatures: undefined }],
    ['unsigned', { unsigned: 1 }],
    ['prev_events', { prev_events: '$a' }],
    ['too many prev_events', { prev_events: many(21) }],
    ['too many auth_events', { auth_events: many(11) }],
    ['an id that is none', { prev_events: ['nothing'] }],
    ['an id of no kind', { auth_events: [5] }],
    ['room_id', { room_id: 'room:one' }],
    ['no room_id', { room_id: undefined }],
    ['a lone surrogate', { content: { body: '\ud800' } }],
  ])('refused: %s', (_, change) => expect(accepts(change)).toBe(false));

  test('as many references as allowed', () => {
    expect(accepts({ prev_events: many(20), auth_events: many(10) })).toBe(true);
  });

  test('ids in the form of the version', () => {
    const forms = {
      assigned: [['$a:one', { sha256: 'h' }]],
      base64: [`$${'+'.repeat(43)}`],
      base64url: [`$${'_'.repeat(43)}`],
    };
    for (const [form, references] of Object.entries(forms)) {
      expect(accepts({ prev_events: references })).toBe(form === roomVersion.eventIds);
    }
    const hashNamed = `!${'a'.repeat(43)}`;
    expect(accepts({ room_id: hashNamed })).toBe(roomVersion.roomIds === 'createHash');
    expect(accepts({ room_id: '!room:one' })).toBe(roomVersion.roomIds === 'domain');
  });

  test('numbers', () => {
    const strict = roomVersion.strictCanonicalJson;
    expect(accepts({ depth: 2 ** 53 - 1 })).toBe(true);
    expect(accepts({ depth: 2 ** 53 })).toBe(!strict);
    expect(accepts({ content: { x: 1.5 } })).toBe(!strict);
    expect(accepts({ content: { x: 2 ** 60 } })).toBe(!strict);
  });

  test('no more than 65,536 bytes without unsigned', () => {
    const withBody = (length: number): JsonObject => ({ ...message, content: { body: 'x'.repeat(length) } });
    const rest = JSON.stringify(withBody(0)).length;
    expect(sizeProblem(withBody(65_536 - rest), roomVersion)).toBeUndefined();
    expect(sizeProblem(withBody(65_537 - rest), roomVersion)).toBe('event too large');
    expect(sizeProblem({ ...withBody(65_536 - rest), unsigned: { age: 1 } }, roomVersion)).toBeUndefined();
  });
});

test('not an object', () => {
  for (const value of [null, [], 'x', 5]) expect(parsePdu(value, version('10')).kind).toBe('malformed');
});

test('redacts at the top level is text where it has a meaning', () => {
  const event = (id: string) =>
    testRoom(version(id)).event({ type: 'm.room.redaction', sender: '@a:one', redacts: 5 });
  expect(parsePdu(event('10'), version('10')).kind).toBe('malformed');
  expect(parsePdu(event('11'), version('11')).kind).toBe('pdu');
});
