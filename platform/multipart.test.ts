import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MultipartError, MultipartReader, multipartBoundary } from './multipart.ts';

function streamOf(bytes: Uint8Array, chunkBytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        controller.enqueue(bytes.slice(at, at + chunkBytes));
      controller.close();
    },
  });
}

async function partsOf(body: Uint8Array | string, boundary: string, chunkBytes = 5) {
  const reader = new MultipartReader(streamOf(Buffer.from(body), chunkBytes), boundary);
  const parts: { headers: Record<string, string>; body: Buffer }[] = [];
  for (let part = await reader.nextPart(); part; part = await reader.nextPart()) {
    const body = Buffer.from(await new Response(part.body).arrayBuffer());
    parts.push({ headers: Object.fromEntries(part.headers), body });
  }
  return parts;
}

test('parts have their heads and bodies, whatever is in them', async () => {
  const text = [
    'a preamble',
    '--frontier',
    'Content-Type: application/json',
    '',
    '{}',
    '--frontier',
    'content-type:  image/png',
    'Content-Disposition: inline; filename="a b.png"',
    '',
    'line\r\n--front\r\n\r\nend',
    '--frontier',
    '',
    '',
    '--frontier--',
  ].join('\r\n');
  for (const chunkBytes of [1, 2, 3, 10, 1000]) {
    const parts = await partsOf(text, 'frontier', chunkBytes);
    expect(parts.map(({ body }) => body.toString())).toEqual(['{}', 'line\r\n--front\r\n\r\nend', '']);
    expect(parts.map(({ headers }) => headers)).toEqual([
      { 'content-type': 'application/json' },
      { 'content-type': 'image/png', 'content-disposition': 'inline; filename="a b.png"' },
      {},
    ]);
  }
});

test('any bytes come through, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      async (bodies, chunkBytes) => {
        const parts = bodies.map((body) => Buffer.concat([Buffer.from('\r\n--xyz-edge\r\n\r\n'), body]));
        const all = Buffer.concat([...parts, Buffer.from('\r\n--xyz-edge--\r\n')]).subarray(2);
        const read = await partsOf(all, 'xyz-edge', chunkBytes);
        expect(read.map(({ body }) => body)).toEqual(bodies.map((body) => Buffer.from(body)));
      },
    ),
  );
});

test.each([
  ['nothing', ''],
  ['no delimiter', 'only text'],
  ['a part that does not end', '--b\r\n\r\ntext'],
  ['a head that does not end', '--b\r\nContent-Type: text/plain'],
  ['a header that is none', '--b\r\nno header\r\n\r\ntext\r\n--b--'],
  ['an endless preamble', 'x'.repeat(40_000)],
])('M3: %s is an error', async (_, text) => {
  await expect(partsOf(text, 'b', 1000)).rejects.toThrow();
  await expect(partsOf(text, 'b', 1000)).rejects.toBeInstanceOf(MultipartError);
});

test('the boundary of a content type', () => {
  expect(multipartBoundary('multipart/mixed; boundary=abc')).toBe('abc');
  expect(multipartBoundary('multipart/mixed; charset=utf-8; boundary="a b"')).toBe('a b');
  expect(multipartBoundary('text/html; boundary=abc')).toBeUndefined();
  expect(multipartBoundary('multipart/mixed')).toBeUndefined();
  expect(multipartBoundary(null)).toBeUndefined();
});
