/**
 * A time limit whose timer ends with the work. `AbortSignal.timeout` cannot be called off, and a pending
 * timer keeps a Durable Object in memory, and paid for, until it rings.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number) {
    const timeout = new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
    this.#timer = setTimeout(() => this.#controller.abort(timeout), ms);
  }

  /** Aborts with a `TimeoutError`, as that of `AbortSignal.timeout` does. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /**
   * Hands an answer on unread; the deadline stands until its body has ended.
   * @param check is given the size so far with each chunk, and may throw
   */
  passOn(response: Response, check: (sizeBytes: number) => void = () => {}): Response {
    if (!response.body) {
      this.end();
      return response;
    }
    return new Response(this.#passOnBody(response.body, check), response);
  }

  #passOnBody(
    body: ReadableStream<Uint8Array>,
    check: (sizeBytes: number) => void,
  ): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    let sizeBytes = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) {
            this.end();
            controller.close();
            return;
          }
          sizeBytes += value.byteLength;
          check(sizeBytes);
          controller.enqueue(value);
        } catch (error) {
          this.end();
          controller.error(error);
          await reader.cancel(error).catch(() => {});
        }
      },
      cancel: (reason) => {
        this.end();
        return reader.cancel(reason);
      },
    });
  }
}

/** Runs work that has to end, its reading of bodies included, within `ms`. */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new Deadline(ms);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.end();
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
