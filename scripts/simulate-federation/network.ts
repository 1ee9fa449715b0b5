import type { Random } from '../../homeserver/src/protocol/testing/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Who answers requests. */
export interface Host {
  name: string;
  handle(request: Request): Promise<Response>;
}

export interface NetworkConditions {
  /** In percent, of requests, and again of answers. */
  loss: number;
  /** In percent: it arrives twice, the second time much later. */
  duplicates: number;
  /** Of each way, at most. */
  delayMs: number;
}

const perfect: NetworkConditions = { loss: 0, duplicates: 0, delayMs: 5 };
/**
 * Keys can always be had, as notaries see to it: state that cannot be checked when a room is joined is left out, and
 * nothing brings it later but an event that rests on it.
 */
const keysPath = '/_matrix/key/v2/server';
/** As the local way out answers when there is no connection (`federation/outbound.ts`). */
const noConnection = () =>
  new Response('no connection', { status: 502, headers: { 'roost-outbound-error': 'failed' } });
/** After which a request that was lost is known to be. */
const lostMs = 30_000;
const latestDuplicateMs = 20 * 60_000;

/** What is between the servers: HTTP requests, each on its own way. */
export class Network {
  conditions: NetworkConditions = perfect;
  readonly counts = { requests: 0, cut: 0, lost: 0, duplicated: 0 };
  readonly #hosts = new Map<string, Host>();
  readonly #random: Random;
  readonly #time: VirtualTime;
  /** Servers of different groups do not reach each other. */
  readonly #groups = new Map<string, number>();
  readonly #silent = new Set<string>();

  constructor(random: Random, time: VirtualTime) {
    this.#random = random;
    this.#time = time;
  }

  add(host: Host): void {
    this.#hosts.set(host.name, host);
  }

  /** Each of these servers is cut off from those of other groups. */
  divide(groups: readonly (readonly string[])[]): void {
    this.#groups.clear();
    for (const [number, group] of groups.entries()) {
      for (const name of group) this.#groups.set(name, number);
    }
  }

  /** Whole, and quick; for others than these. */
  heal(silent: Iterable<string> = []): void {
    this.#groups.clear();
    this.conditions = perfect;
    for (const name of silent) this.#silent.add(name);
  }

  async request(from: string, to: string, request: Request): Promise<Response> {
    this.counts.requests += 1;
    const host = this.#hosts.get(to);
    if (host && new URL(request.url).pathname === keysPath) return host.handle(request);
    if (!host || !this.#reaches(from, to)) {
      this.counts.cut += 1;
      await this.#wait(this.#random.below(1_000));
      return noConnection();
    }
    const isLost = this.#random.chance(this.conditions.loss);
    const isAnswerLost = this.#random.chance(this.conditions.loss);
    const isDuplicated = this.#random.chance(this.conditions.duplicates);
    const again = isDuplicated ? request.clone() : undefined;
    if (isLost) return this.#lose();
    await this.#wait(this.#random.below(this.conditions.delayMs));
    if (!this.#reaches(from, to)) return this.#lose();
    if (again) {
      this.counts.duplicated += 1;
      this.#time.after(this.#random.below(latestDuplicateMs), () => {
        if (this.#reaches(from, to)) void host.handle(again).catch(() => undefined);
      });
    }
    const response = await host.handle(request);
    await this.#wait(this.#random.below(this.conditions.delayMs));
    return isAnswerLost || !this.#reaches(from, to) ? this.#lose() : response;
  }

  #reaches(from: string, to: string): boolean {
    if (this.#silent.has(from) || this.#silent.has(to)) return false;
    return this.#groups.get(from) === this.#groups.get(to);
  }

  async #lose(): Promise<Response> {
    this.counts.lost += 1;
    await this.#wait(lostMs);
    return noConnection();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#time.after(ms, resolve));
  }
}
