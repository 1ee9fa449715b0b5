import { expect, test } from 'vitest';
import { messageLifetimeMs } from './retention.ts';

const none = { defaultMs: undefined, maximumMs: undefined };
const day = 86_400_000;

test('a room without a policy keeps its messages, unless the owner says how long', () => {
  expect(messageLifetimeMs(undefined, none)).toBeUndefined();
  expect(messageLifetimeMs({ min_lifetime: day }, none)).toBeUndefined();
  expect(messageLifetimeMs(undefined, { ...none, defaultMs: day })).toBe(day);
  expect(messageLifetimeMs(undefined, { ...none, maximumMs: 9 * day })).toBe(9 * day);
  expect(messageLifetimeMs({ min_lifetime: 3 * day }, { ...none, defaultMs: day })).toBe(3 * day);
});

test('a room may ask for less than the owner allows, not for more', () => {
  expect(messageLifetimeMs({ max_lifetime: day }, none)).toBe(day);
  expect(messageLifetimeMs({ max_lifetime: 0 }, none)).toBe(0);
  expect(messageLifetimeMs({ max_lifetime: day }, { defaultMs: 5 * day, maximumMs: 9 * day })).toBe(day);
  expect(messageLifetimeMs({ max_lifetime: 99 * day }, { defaultMs: day, maximumMs: 9 * day })).toBe(9 * day);
});

test.each([
  { max_lifetime: -1 },
  { max_lifetime: 1.5 },
  { max_lifetime: '86400000' },
  { max_lifetime: null },
  { max_lifetime: day, min_lifetime: 2 * day },
])('%j is no policy', (policy) => {
  expect(messageLifetimeMs(policy, none)).toBeUndefined();
  expect(messageLifetimeMs(policy, { ...none, defaultMs: 7 * day })).toBe(7 * day);
});
