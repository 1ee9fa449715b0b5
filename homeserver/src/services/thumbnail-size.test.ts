import { expect, test } from 'vitest';
import { fitsWithin, roundThumbnailSize } from './thumbnail-size.ts';

test.each([
  ['crop', 1, 1, '32x32 crop'],
  ['crop', 32, 33, '96x96 crop'],
  ['crop', 97, 97, '320x320 crop'],
  ['crop', 321, 1, '800x600 scale'],
  ['scale', 32, 32, '320x240 scale'],
  ['scale', 320, 241, '640x480 scale'],
  ['scale', 800, 600, '800x600 scale'],
  ['scale', 999999, 999999, '800x600 scale'],
] as const)('%s %i × %i is made as %s', (method, width, height, expected) => {
  const size = roundThumbnailSize({ method, width, height });
  expect(`${size.width}x${size.height} ${size.method}`).toBe(expected);
});

test('a picture fits a square only if it is one', () => {
  const crop = roundThumbnailSize({ method: 'crop', width: 96, height: 96 });
  expect(fitsWithin({ width: 96, height: 96 }, crop)).toBe(true);
  expect(fitsWithin({ width: 96, height: 20 }, crop)).toBe(false);
  expect(fitsWithin({ width: 97, height: 97 }, crop)).toBe(false);
  const scale = roundThumbnailSize({ method: 'scale', width: 96, height: 96 });
  expect(fitsWithin({ width: 320, height: 20 }, scale)).toBe(true);
});
