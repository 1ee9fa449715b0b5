import { patienceMs } from './conformance-test.ts';

const pauseMs = 100;

/**
 * Looks again until a check succeeds: servers may keep directories up to date in the background.
 * @throws what the last look threw
 */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  const startMs = Date.now();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() - startMs > patienceMs()) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
