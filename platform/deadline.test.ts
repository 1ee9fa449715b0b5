import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline, isTimeout, withDeadline } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('work that takes too long is aborted with a TimeoutError', async () => {
  const work = withDeadline(1_000, untilAborted);
  const failure = expect(work).rejects.toSatisfy(isTimeout);
  await vi.advanceTimersByTimeAsync(1_000);
  await failure;
});

test('no timer outlives the work, whether it succeeds or fails', async () => {
  expect(await withDeadline(1_000, async () => 'done')).toBe('done');
  await expect(withDeadline(1_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

test('a body passed on holds the timer until it has been read', async () => {
  const deadline = new Deadline(1_000);
  const response = deadline.passOn(new Response('text', { status: 201, headers: { 'x-a': 'b' } }));
  expect(vi.getTimerCount()).toBe(1);
  expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([201, 'b', 'text']);
  expect(vi.getTimerCount()).toBe(0);
});

test('an answer without a body, and a body that nobody wants, end the timer', async () => {
  new Deadline(1_000).passOn(new Response(null));
  expect(vi.getTimerCount()).toBe(0);
  await new Deadline(1_000).passOn(new Response('unwanted')).body?.cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test('a refusal by the check fails the reader and stops the source', async () => {
  let stopped: unknown;
  const source = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: (reason) => {
      stopped = reason;
    },
  });
  const response = new Deadline(1_000).passOn(new Response(source), (sizeBytes) => {
    if (sizeBytes > 25) throw new Error('too much');
  });
  await expect(response.arrayBuffer()).rejects.toThrow('too much');
  expect(stopped).toMatchObject({ message: 'too much' });
  expect(vi.getTimerCount()).toBe(0);
});
