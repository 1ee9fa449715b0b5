export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * The pause after this many failures: doubled each time up to `maxMs`, then shortened by up to a half at
 * random, so that those who failed together do not come back together.
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff, random = Math.random()): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(fullMs * (0.5 + random / 2));
}

export interface RetryOptions extends Backoff {
  /** How often the work is tried in all. */
  attempts: number;
  /** `false`: give up; `true`: after the usual pause; a number: after at least so many ms. */
  isTransient(error: unknown): boolean | number;
  /** Ends a pause, and so the whole, with the signal's reason. */
  signal?: AbortSignal;
  wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Repeats work that may fail for a while. Only for work that may be done twice.
 * @throws the error of the last attempt, or the signal's reason
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      const transient = options.isTransient(error);
      if (transient === false || attempt >= options.attempts) throw error;
      const pauseMs = Math.max(backoffMs(attempt, options), transient === true ? 0 : transient);
      await (options.wait ?? wait)(pauseMs, options.signal);
    }
  }
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
