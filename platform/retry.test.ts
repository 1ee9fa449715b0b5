import { expect, test } from 'vitest';
import { backoffMs, retry } from './retry.ts';

const backoff = { firstMs: 100, maxMs: 1_000 };

test('pauses double up to the limit and are shortened by at most a half', () => {
  expect([1, 2, 3, 4, 5, 1_000].map((failures) => backoffMs(failures, backoff, 1))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(backoffMs(3, backoff, 0)).toBe(200);
});

test('work is repeated until it succeeds, with growing pauses', async () => {
  const pauses: number[] = [];
  const result = await retry(
    async (attempt) => {
      if (attempt < 3) throw new Error('busy');
      return attempt;
    },
    {
      ...backoff,
      attempts: 5,
      isTransient: () => true,
      wait: async (ms) => {
        pauses.push(ms);
      },
    },
  );
  expect(result).toBe(3);
  expect(pauses).toHaveLength(2);
  expect(pauses[0]).toBeLessThanOrEqual(100);
  expect(pauses[1]).toBeGreaterThanOrEqual(100);
});

test('the last error is thrown; a lasting error is not repeated; a server may ask for a longer pause', async () => {
  let tries = 0;
  const fail = async () => {
    tries += 1;
    throw new Error(`try ${tries}`);
  };
  const pauses: number[] = [];
  const wait = async (ms: number) => {
    pauses.push(ms);
  };
  const limited = retry(fail, { ...backoff, attempts: 2, isTransient: () => 5_000, wait });
  await expect(limited).rejects.toThrow('try 2');
  expect(pauses).toEqual([5_000]);
  const lasting = retry(fail, { ...backoff, attempts: 9, isTransient: () => false, wait });
  await expect(lasting).rejects.toThrow('try 3');
});

test('an abort ends the pause', async () => {
  const controller = new AbortController();
  const waiting = retry(
    async () => {
      queueMicrotask(() => controller.abort(new Error('stopped')));
      throw new Error('busy');
    },
    { firstMs: 60_000, maxMs: 60_000, attempts: 2, isTransient: () => true, signal: controller.signal },
  );
  await expect(waiting).rejects.toThrow('stopped');
});
