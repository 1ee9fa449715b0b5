import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { parseStrictJson } from '../../../matrix/strict-json.ts';
import { authorize } from './auth-rules/authorize.ts';
import type { Pdu } from './pdu.ts';
import { parsePdu, sizeProblem, textProblem } from './pdu-format.ts';
import { createEvent, outcome, reference, testRoom } from './testing/room.ts';
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
    ['type too long', { type: 'x'.repeat(256) }],
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

  test.each(['type', 'state_key'])('%s of more bytes than code points', (key) => {
    const isEvent = !roomVersion.countsIdentifiersInBytes;
    for (const text of ['é'.repeat(128), '😀'.repeat(255)]) {
      expect(accepts({ [key]: text })).toBe(isEvent);
      expect(sizeProblem({ ...message, [key]: text }, roomVersion)).toBe(`${key} too long`);
      const event = { ...message, state_key: '', [key]: text } as unknown as Pdu;
      expect(outcome(authorize(event, room.state(), roomVersion))).toBe('size');
    }
    expect(accepts({ [key]: '😀'.repeat(256) })).toBe(false);
    expect(accepts({ [key]: `${'é'.repeat(127)}x` })).toBe(true);
  });

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
    const isAssigned = roomVersion.eventIds === 'assigned';
    expect(accepts({ prev_events: [['$a:one', {}]] })).toBe(isAssigned);
    expect(accepts({ prev_events: [['$a:one', { sha256: 1 }]] })).toBe(false);
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

describe.each(allVersions)('F5: room version $id', (roomVersion) => {
  const message = testRoom(roomVersion).event({
    type: 'm.room.message',
    sender: '@a:one',
    ...(roomVersion.eventIds === 'assigned' ? { event_id: '$e:one' } : {}),
    prev_events: [],
    content: { body: 'BODY' },
  });
  const text = JSON.stringify(message);
  const many = (count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, index) => reference(`e${index}`, roomVersion)));

  /** As a receiver does, from the text. */
  function verdict(written: string): string {
    const json = parseStrictJson(`{"pdus":[${written}]}`);
    if (!json) return 'not JSON';
    const [value] = (json.value as { pdus: unknown[] }).pdus;
    return textProblem(json.problems, roomVersion) ?? parsePdu(value, roomVersion).kind;
  }

  test('an event', () => expect(verdict(text)).toBe('pdu'));

  const strict = roomVersion.strictCanonicalJson;
  test.each<[string, string, string, string]>([
    ['depth 2^63', '"depth":5', '"depth":9223372036854775808', strict ? 'looseNumber' : 'pdu'],
    ['depth above 2^63', '"depth":5', '"depth":9223372036854777856', strict ? 'looseNumber' : 'malformed'],
    ['depth 2^53', '"depth":5', '"depth":9007199254740992', strict ? 'looseNumber' : 'pdu'],
    ['depth -1', '"depth":5', '"depth":-1', 'malformed'],
    ['depth 5.5', '"depth":5', '"depth":5.5', strict ? 'looseNumber' : 'malformed'],
    ['depth 5.0', '"depth":5', '"depth":5.0', strict ? 'looseNumber' : 'pdu'],
    ['depth 1e999', '"depth":5', '"depth":1e999', 'numberTooLarge'],
    ['NaN', '"depth":5', '"depth":NaN', 'not JSON'],
    ['65,537 bytes', 'BODY', 'x'.repeat(65_537 + 4 - text.length), 'malformed'],
    ['65,536 bytes', 'BODY', 'x'.repeat(65_536 + 4 - text.length), 'pdu'],
    ['65,536 characters', 'BODY', 'é'.repeat(65_536 + 4 - text.length), 'malformed'],
    ['11 auth events', '"auth_events":[]', `"auth_events":${many(11)}`, 'malformed'],
    ['21 prev events', '"prev_events":[]', `"prev_events":${many(21)}`, 'malformed'],
    ['repeated key', '"depth":5', '"depth":5,"depth":6', 'repeatedKey'],
    ['repeated key inside', '"body"', '"a":{"b":1,"b":1},"body"', 'repeatedKey'],
    ['lone surrogate', 'BODY', '\\ud83d', 'loneSurrogate'],
    ['NUL as it is', 'BODY', '\0', 'not JSON'],
    ['NUL in the sender', '"@a:one"', '"@a\\u0000:one"', 'malformed'],
    ['NUL in the text', 'BODY', '\\u0000', 'pdu'],
    ['nested 101 deep', '"BODY"', `${'['.repeat(101)}${']'.repeat(101)}`, 'tooDeep'],
    ['nested 100,000 deep', '"BODY"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'tooDeep'],
    ['__proto__', '"body"', '"__proto__":{"a":1},"body"', 'pdu'],
  ])('%s', (_, part, replacement, expected) => {
    const changed = text.replace(part, () => replacement);
    expect(changed).not.toBe(text);
    expect(verdict(changed)).toBe(expected);
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
