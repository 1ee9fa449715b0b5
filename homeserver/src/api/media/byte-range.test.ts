import { expect, test } from 'vitest';
import { parseByteRange } from './byte-range.ts';

test.each([
  ['bytes=0-3', { offset: 0, length: 4 }],
  ['bytes=4-', { offset: 4, length: 6 }],
  ['bytes=-3', { offset: 7, length: 3 }],
  ['bytes=-100', { offset: 0, length: 10 }],
  ['bytes=5-1000', { offset: 5, length: 5 }],
  ['bytes=9-9', { offset: 9, length: 1 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=3-2', undefined],
  ['bytes=0-1,3-4', undefined],
  ['bytes=-', undefined],
  ['bytes=a-b', undefined],
  ['items=0-1', undefined],
  [null, undefined],
])('of ten bytes, %s is %j', (header, range) => {
  expect(parseByteRange(header, 10)).toEqual(range);
});

test('an empty file has no range', () => {
  expect(parseByteRange('bytes=0-', 0)).toBe('unsatisfiable');
});
