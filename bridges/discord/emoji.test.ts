import { expect, test } from 'vitest';
import { qualifiedEmoji, reactionEmoji } from './emoji.ts';

test.each([
  ['👍', '👍'],
  ['👍🏽', '👍🏽'],
  ['❤', '❤️'],
  ['❤️', '❤️'],
  ['👍️', '👍'],
  ['1⃣', '1️⃣'],
  ['🇩🇪', '🇩🇪'],
  ['👨‍👩‍👧', '👨‍👩‍👧'],
  ['x', undefined],
  [':wave:', undefined],
  ['👍👍', undefined],
  ['', undefined],
])('%j is on Discord %j', (key, emoji) => {
  expect(qualifiedEmoji(key)).toBe(emoji);
});

test('emoji of a guild are named and told apart by their ids', () => {
  expect(reactionEmoji({ id: '7', name: 'party' })).toEqual({ emoji: 'party:7', key: ':party:' });
  expect(reactionEmoji({ id: '7', name: null })).toEqual({ emoji: '_:7', key: ':emoji:' });
  expect(reactionEmoji({ id: null, name: '❤' })).toEqual({ emoji: '❤️', key: '❤️' });
  expect(reactionEmoji({ id: null, name: null })).toBeUndefined();
});
