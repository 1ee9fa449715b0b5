import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import { createEvent, outcome, reference } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { authorize } from './authorize.ts';

const nothing = { get: () => undefined };

describe.each(allVersions)('create event, room version $id', (version) => {
  const verdict = (content: JsonObject, fields: object = {}) =>
    outcome(authorize({ ...createEvent(version, content), ...fields } as Pdu, nothing, version));
  const isHashNamed = version.roomIds === 'createHash';

  test('allowed', () => expect(verdict({})).toBe('allowed'));
  test('1.1 prev_events', () => expect(verdict({}, { prev_events: [reference('a', version)] })).toBe('1.1'));

  test.each([
    ['!room:two', '1.2', '1.2'],
    ['!room:one', 'allowed', '1.2'],
    ['!room:one:8448', '1.2', '1.2'],
    ['room:one', '1.2', '1.2'],
    ['!roomone', '1.2', '1.2'],
    [undefined, '1.2', 'allowed'],
  ])('1.2 room id %s', (roomId, byDomain, byHash) => {
    expect(verdict({}, { room_id: roomId })).toBe(isHashNamed ? byHash : byDomain);
  });

  test.each([
    ['1', 'allowed'],
    ['12', 'allowed'],
    ['13', '1.3'],
    ['constructor', '1.3'],
    [1, '1.3'],
    [undefined, 'allowed'],
  ])('1.3 room_version %s', (id, expected) => expect(verdict({ room_version: id })).toBe(expected));

  test.each<[string, JsonObject['x'], string]>([
    ['users', ['@a:two', '@b:two'], 'allowed'],
    ['none', [], 'allowed'],
    ['text', '@a:two', '1.4'],
    ['null', null, '1.4'],
    ['a room', ['!a:two'], '1.4'],
    ['no server', ['@a:'], '1.4'],
    ['a number', [5], '1.4'],
    ['a long name', [`@${'a'.repeat(255)}:two`], '1.4'],
  ])('1.4 additional_creators: %s', (_, additional, expected) => {
    expect(verdict({ additional_creators: additional })).toBe(
      version.creatorsHaveInfinitePower ? expected : 'allowed',
    );
  });

  test('v1:1.4 creator in content', () => {
    expect(verdict({ creator: undefined })).toBe(version.creator === 'content' ? 'v1:1.4' : 'allowed');
  });
});
