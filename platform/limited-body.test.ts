import { expect, test } from 'vitest';
import { readLimitedBody } from './limited-body.ts';

/** A body in pieces of three bytes, of which no more are made than are asked for. */
function inPieces(count: number, headers: HeadersInit = {}) {
  let made = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (made === count) controller.close();
        else controller.enqueue(new Uint8Array([made++, 0, 0]));
      },
    },
    { highWaterMark: 0 },
  );
  return { request: { body, headers: new Headers(headers) }, made: () => made };
}

test('reads up to the limit, whatever the length that is told', async () => {
  expect(await readLimitedBody(inPieces(3).request, 9)).toEqual(Buffer.from([0, 0, 0, 1, 0, 0, 2, 0, 0]));
  expect(await readLimitedBody(inPieces(3, { 'content-length': '1' }).request, 8)).toBeUndefined();
});

test('what is too long is read to its end, so that the sender hears the refusal, but not without end', async () => {
  const long = inPieces(4);
  expect(await readLimitedBody(long.request, 3, 9)).toBeUndefined();
  expect(long.made()).toBe(4);
  const endless = inPieces(Number.POSITIVE_INFINITY);
  expect(await readLimitedBody(endless.request, 3, 9)).toBeUndefined();
  expect(endless.made()).toBe(5);
});

test('a length far over the limit is believed at once; no body is an empty one', async () => {
  const told = inPieces(1, { 'content-length': '19' });
  expect(await readLimitedBody(told.request, 9, 9)).toBeUndefined();
  expect(told.made()).toBe(0);
  expect(await readLimitedBody({ body: null, headers: new Headers() }, 9)).toEqual(Buffer.alloc(0));
});
