import { expect, test } from 'vitest';
import { stillOf } from './still-image.ts';

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))));

/** 1 × 1 pixel, two colours, two pictures after each other for ever. */
const header = bytes('GIF89a', [1, 0, 1, 0, 0x80, 0, 0], [0, 0, 0, 255, 255, 255]);
const loop = bytes([0x21, 0xff, 11], 'NETSCAPE2.0', [3, 1, 0, 0, 0]);
const control = bytes([0x21, 0xf9, 4, 0, 10, 0, 0, 0]);
const image = (pixels: number[]) => bytes([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, pixels.length, ...pixels, 0]);
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const beginning = join(header, loop, control, image([0x44, 0x01]));
const animatedGif = join(beginning, control, image([0x4c, 0x01]), bytes([0x3b]));

test('of a GIF the first picture remains', () => {
  expect(stillOf(animatedGif)).toEqual({ kind: 'still', bytes: join(beginning, bytes([0x3b])) });
});

test('a local colour table belongs to the picture', () => {
  const local = bytes([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 1, 2, 3, 4, 5, 6, 2, 2, 0x44, 0x01, 0]);
  const still = stillOf(join(header, local, control, image([1]), bytes([0x3b])));
  expect(still).toEqual({ kind: 'still', bytes: join(header, local, bytes([0x3b])) });
});

test('M2: a GIF that is cut, empty or damaged gives nothing, at every length', () => {
  for (let length = 3; length < beginning.byteLength; length++) {
    expect(stillOf(animatedGif.slice(0, length)).kind).toBe('impossible');
  }
  expect(stillOf(join(header, bytes([0x3b]))).kind).toBe('impossible');
  expect(stillOf(join(header, bytes([0x00, 0x2c]))).kind).toBe('impossible');
});

const chunk = (type: string, length = 0) =>
  bytes([0, 0, 0, length], type, new Array<number>(length).fill(0), [0, 0, 0, 0]);
const png = bytes([0x89], 'PNG', [0x0d, 0x0a, 0x1a, 0x0a]);

test('an APNG has no still picture, a PNG is one', () => {
  expect(stillOf(join(png, chunk('IHDR', 13), chunk('acTL', 8), chunk('IDAT', 1))).kind).toBe('impossible');
  expect(stillOf(join(png, chunk('IHDR', 13), chunk('IDAT', 1))).kind).toBe('as_is');
  // What comes behind the image data makes no animation.
  expect(stillOf(join(png, chunk('IHDR', 13), chunk('IDAT', 1), chunk('acTL', 8))).kind).toBe('as_is');
});

test('an animated WebP has no still picture, another is one', () => {
  const webp = (flags: number) => bytes('RIFF', [22, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, flags, 0, 0, 0]);
  expect(stillOf(webp(0x02 | 0x10)).kind).toBe('impossible');
  expect(stillOf(webp(0x10)).kind).toBe('as_is');
  expect(stillOf(bytes('RIFF', [4, 0, 0, 0], 'WEBPVP8 ', [2, 2, 2, 2, 2])).kind).toBe('as_is');
});

test('other files are as they are', () => {
  expect(stillOf(bytes([0xff, 0xd8, 0xff, 0xe0], 'JFIF')).kind).toBe('as_is');
  expect(stillOf(new Uint8Array()).kind).toBe('as_is');
});
