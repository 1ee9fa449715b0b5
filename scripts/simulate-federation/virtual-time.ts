import { setImmediate } from 'node:timers/promises';

interface Timer {
  atMs: number;
  number: number;
  work: () => void;
}

/** Where the time of every simulation begins: 2026-01-01. */
const startMs = 1_767_225_600_000;
/** Turns of Node's own loop after which whatever can go on without a timer has gone on: streams take some. */
const turns = 3;

/**
 * Time that passes only from one timer to the next, for the whole process: `Date.now`, `setTimeout` and `clearTimeout`
 * are its own once it is installed. Nothing else may keep the work waiting.
 */
export class VirtualTime {
  nowMs = startMs;
  /** A heap, the earliest first; of the same time the one that was set first. */
  #timers: Timer[] = [];
  #made = 0;
  readonly #cleared = new Set<number>();

  install(): void {
    const setTimer = (work: () => void, ms = 0) => this.after(ms, work);
    const clear = (number: unknown) => this.clear(number as number);
    Object.assign(globalThis, { setTimeout: setTimer, clearTimeout: clear });
    Date.now = () => this.nowMs;
  }

  /** A new simulation begins. */
  reset(): void {
    this.nowMs = startMs;
    this.#timers = [];
    this.#cleared.clear();
  }

  after(ms: number, work: () => void): number {
    return this.at(this.nowMs + Math.max(0, ms), work);
  }

  at(atMs: number, work: () => void): number {
    this.#made += 1;
    this.#push({ atMs: Math.max(atMs, this.nowMs), number: this.#made, work });
    return this.#made;
  }

  clear(number: number): void {
    this.#cleared.add(number);
  }

  /** Lets everything happen until then, and be it then. */
  async runUntil(untilMs: number): Promise<void> {
    await settle();
    for (;;) {
      const [next] = this.#timers;
      if (!next || next.atMs > untilMs) break;
      this.#pop();
      if (this.#cleared.delete(next.number)) continue;
      this.nowMs = next.atMs;
      next.work();
      await settle();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Timer | undefined, other: Timer | undefined): boolean {
  if (!one || !other) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
}
