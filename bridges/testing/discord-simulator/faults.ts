/** What a REST call does instead of its ordinary answer. */
export type CallFault =
  /** 429: `user` is the bucket's, `global` the bot's, `shared` the resource's, which others used up. */
  | { kind: 'rate_limited'; scope: 'user' | 'global' | 'shared'; retryAfterS: number }
  | { kind: 'http_error'; status: number }
  /** A refusal with one of Discord's codes, before anything is done. */
  | { kind: 'api_error'; status: number; code: number; message: string }
  /** The work is done, then the answer is a 5xx. */
  | { kind: 'http_error_after_commit'; status: number }
  /** The work is done, then the connection is cut without an answer. */
  | { kind: 'cut_after_commit' }
  | { kind: 'cut' }
  /** The work is done, and no answer ever comes (workerd#7936 looks like this). */
  | { kind: 'hang_after_commit' }
  | { kind: 'hang' };

/** What happens to the next dispatches of the gateway. Discord promises neither once nor in order. */
export type DispatchFault = { kind: 'duplicate' } | { kind: 'drop' } | { kind: 'delay'; delayMs: number };

interface Armed<F> {
  fault: F;
  times: number;
  subject: string;
}

/** Faults are armed for a number of calls or dispatches and then spent. */
export class Faults {
  readonly #calls: Armed<CallFault>[] = [];
  readonly #dispatches: Armed<DispatchFault>[] = [];
  #reorderSize = 0;
  #acksToSwallow = 0;
  #resumesToRefuse = 0;

  /** `operationId` is the OpenAPI's (`create_message`, `execute_webhook`, …), or `*`. */
  failCalls(operationId: string, fault: CallFault, times = 1): void {
    this.#calls.push({ fault, times, subject: operationId });
  }

  /** `event` is a dispatch's name (`MESSAGE_CREATE`, …), or `*`. */
  disturbDispatches(event: string, fault: DispatchFault, times = 1): void {
    this.#dispatches.push({ fault, times, subject: event });
  }

  /** The next `count` dispatches of a session are held until all are there, then sent newest first. */
  reorderNextDispatches(count: number): void {
    this.#reorderSize = count;
  }

  /** The next `count` heartbeats get no ACK: the connection is a zombie. */
  swallowHeartbeatAcks(count: number): void {
    this.#acksToSwallow = count;
  }

  /** The next `count` RESUMEs are answered with op 9 `false`. */
  refuseResumes(count = 1): void {
    this.#resumesToRefuse = count;
  }

  takeForCall(operationId: string): CallFault | undefined {
    return take(this.#calls, operationId);
  }

  takeForDispatch(event: string): DispatchFault | undefined {
    return take(this.#dispatches, event);
  }

  takeReorderSize(): number {
    const size = this.#reorderSize;
    this.#reorderSize = 0;
    return size;
  }

  takeSwallowedAck(): boolean {
    if (this.#acksToSwallow === 0) return false;
    this.#acksToSwallow -= 1;
    return true;
  }

  takeRefusedResume(): boolean {
    if (this.#resumesToRefuse === 0) return false;
    this.#resumesToRefuse -= 1;
    return true;
  }

  clear(): void {
    this.#calls.length = 0;
    this.#dispatches.length = 0;
    this.#reorderSize = 0;
    this.#acksToSwallow = 0;
    this.#resumesToRefuse = 0;
  }
}

function take<F>(armed: Armed<F>[], subject: string): F | undefined {
  const index = armed.findIndex((entry) => entry.subject === '*' || entry.subject === subject);
  const entry = armed[index];
  if (!entry) return undefined;
  entry.times -= 1;
  if (entry.times === 0) armed.splice(index, 1);
  return entry.fault;
}
