import { expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { matchesEventFilter, matchesRoomFilter } from './filter.ts';

const event = { type: 'm.room.message', sender: '@a:one', content: { url: 'mxc://one/x' } };

test.each<[JsonObject, boolean]>([
  [{}, true],
  [{ types: ['m.room.message'] }, true],
  [{ types: ['m.room.*'] }, true],
  [{ types: ['*message'] }, true],
  [{ types: ['m.room.name', 'm.*'] }, true],
  [{ types: ['m.room'] }, false],
  [{ types: ['m.room.messag?'] }, false],
  [{ types: [] }, false],
  [{ not_types: ['m.room.*'] }, false],
  [{ not_types: [] }, true],
  [{ types: ['*'], not_types: ['m.room.message'] }, false],
  [{ senders: ['@a:one'] }, true],
  [{ senders: ['@b:one'] }, false],
  [{ senders: [] }, false],
  [{ not_senders: ['@a:one'] }, false],
  [{ senders: ['@a:one'], not_senders: ['@a:one'] }, false],
  [{ contains_url: true }, true],
  [{ contains_url: false }, false],
  [{ types: 'm.room.name', senders: 5, contains_url: 'no' }, true],
])('%j', (filter, expected) => expect(matchesEventFilter(event, filter)).toBe(expected));

test('no filter lets everything pass; without a sender, what is said of senders is nothing', () => {
  expect(matchesEventFilter(event, undefined)).toBe(true);
  expect(matchesRoomFilter('!a:one', undefined)).toBe(true);
  const typing = { type: 'm.typing', content: {} };
  expect(matchesEventFilter(typing, { senders: [] })).toBe(true);
  expect(matchesEventFilter(typing, { senders: [], not_types: ['m.typing'] })).toBe(false);
});

test('an event without url', () => {
  const plain = { ...event, content: { url: 5 } };
  expect(matchesEventFilter(plain, { contains_url: true })).toBe(false);
  expect(matchesEventFilter(plain, { contains_url: false })).toBe(true);
});

test.each<[JsonObject, boolean]>([
  [{}, true],
  [{ rooms: ['!a:one'] }, true],
  [{ rooms: ['!b:one'] }, false],
  [{ rooms: [] }, false],
  [{ not_rooms: ['!a:one'] }, false],
  [{ rooms: ['!a:one'], not_rooms: ['!a:one'] }, false],
])('rooms %j', (filter, expected) => expect(matchesRoomFilter('!a:one', filter)).toBe(expected));
