import { expect, test } from 'vitest';
import vectors from '../../../test/vectors/pictures.json' with { type: 'json' };
import { readImageHeader } from './image-header.ts';

const bytesOf = ({ base64 }: { base64: string }) => new Uint8Array(Buffer.from(base64, 'base64'));

test.each(vectors.pictures)('the type and size of a $name are known', (picture) => {
  const { contentType, width, height } = picture;
  expect(readImageHeader(bytesOf(picture))).toEqual({ contentType, width, height });
});

test.each(vectors.pictures)('M2: a $name that is cut anywhere has its true size or none', (picture) => {
  const bytes = bytesOf(picture);
  for (let length = 0; length < bytes.byteLength; length++) {
    const header = readImageHeader(bytes.subarray(0, length));
    if (header) expect([header.width, header.height]).toEqual([picture.width, picture.height]);
  }
});

test('M2: a JPEG of empty segments ends', () => {
  expect(readImageHeader(new Uint8Array(70_000).fill(0xff))).toBeUndefined();
  const endless = Uint8Array.from(
    { length: 70_000 },
    (_, at) => (at % 4 < 2 ? [0xff, 0xe1][at % 2] : 0) ?? 0,
  );
  endless[1] = 0xd8;
  expect(readImageHeader(endless)).toBeUndefined();
});

test.each(['', 'GIF8', '<svg/>', '\u0089PNG\r\n\u001a\n', 'BM', '%PDF-1.7'])('%j is no picture', (text) => {
  expect(readImageHeader(new Uint8Array(Buffer.from(text, 'latin1')))).toBeUndefined();
});

test('a picture without extent is none', () => {
  const gif = Buffer.from('474946383961000000000000003b', 'hex');
  expect(readImageHeader(new Uint8Array(gif))).toBeUndefined();
});
