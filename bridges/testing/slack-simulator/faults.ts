/** What a Web API call does instead of its ordinary answer. */
export type MethodFault =
  /** 429 with `Retry-After`; nothing is done. */
  | { kind: 'rate_limited'; retryAfterS: number }
  /** An HTTP error before anything is done. */
  | { kind: 'http_error'; status: number }
  /** A platform error (`ok: false`) before anything is done. */
  | { kind: 'platform_error'; error: string }
  /** The work is done, then the answer is a 5xx. */
  | { kind: 'http_error_after_commit'; status: number }
  /** The work is done, then the connection is cut without an answer. */
  | { kind: 'cut_after_commit' }
  /** The connection is cut before anything is done. */
  | { kind: 'cut' }
  /** The work is done, and no answer ever comes. */
  | { kind: 'hang_after_commit' }
  /** No work, no answer. */
  | { kind: 'hang' }
  /** The events that the call causes are delivered, and acknowledged, before the call is answered. */
  | { kind: 'echo_first' };

/** What happens to the next deliveries of events. */
export type DeliveryFault =
  /** Delivered twice, under one event id. */
  | { kind: 'duplicate' }
  /** Never delivered: Slack's delivery is best effort. */
  | { kind: 'drop' }
  | { kind: 'delay'; delayMs: number };

interface Armed<F> {
  fault: F;
  times: number;
  matches: (subject: string) => boolean;
}

/** Faults are armed for a number of calls or events and then spent, so a test reads in the order it happens. */
export class Faults {
  readonly #methods: Armed<MethodFault>[] = [];
  readonly #deliveries: Armed<DeliveryFault>[] = [];
  #reorderSize = 0;

  /** Arms a fault for the next `times` calls of `method` (`*` for any). */
  failCalls(method: string, fault: MethodFault, times = 1): void {
    this.#methods.push({ fault, times, matches: (called) => method === '*' || method === called });
  }

  /** Arms a fault for the next `times` events whose type (`message`, `reaction_added`, …) is `eventType` (`*` for any). */
  disturbEvents(eventType: string, fault: DeliveryFault, times = 1): void {
    this.#deliveries.push({ fault, times, matches: (type) => eventType === '*' || eventType === type });
  }

  /** The next `count` events are held until all are there, then delivered newest first. */
  reorderNextEvents(count: number): void {
    this.#reorderSize = count;
  }

  takeForCall(method: string): MethodFault | undefined {
    return take(this.#methods, method);
  }

  takeForEvent(eventType: string): DeliveryFault | undefined {
    return take(this.#deliveries, eventType);
  }

  takeReorderSize(): number {
    const size = this.#reorderSize;
    this.#reorderSize = 0;
    return size;
  }

  clear(): void {
    this.#methods.length = 0;
    this.#deliveries.length = 0;
    this.#reorderSize = 0;
  }
}

function take<F>(armed: Armed<F>[], subject: string): F | undefined {
  const index = armed.findIndex((entry) => entry.matches(subject));
  const entry = armed[index];
  if (!entry) return undefined;
  entry.times -= 1;
  if (entry.times === 0) armed.splice(index, 1);
  return entry.fault;
}
