import type { ServerName } from '../../../matrix/identifiers.ts';
import { backoffMs } from '../../../platform/retry.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { StaleCache } from '../storage/stale-cache.ts';

const windowMs = 60_000;
/** Enough for many first requests at once; little for one who makes us ask by naming keys that are not there. */
const asksPerWindow = 20;
const maxCounted = 2_000;

/** When each server was asked of late, by this isolate. */
const memories = new WeakMap<KVNamespace, Map<string, number[]>>();

/** How often servers are asked for their keys: anybody can name a server, and a key of it, in a request. */
export class KeyFetchLimits {
  readonly #failures: StaleCache<number>;
  readonly #recent: Map<string, number[]>;
  readonly #backoff: { firstMs: number; maxMs: number };

  constructor(env: Env) {
    this.#recent = memories.get(env.CACHE) ?? new Map();
    memories.set(env.CACHE, this.#recent);
    this.#failures = new StaleCache(env.CACHE, 'server-keys-failed/');
    const { shortBackoff } = readConfig(env);
    this.#backoff = shortBackoff ? { firstMs: 500, maxMs: 1_000 } : { firstMs: 60_000, maxMs: 10 * 60_000 };
  }

  /** Counts as asking. */
  async mayAsk(serverName: ServerName): Promise<boolean> {
    const nowMs = Date.now();
    const asked = (this.#recent.get(serverName) ?? []).filter((atMs) => atMs > nowMs - windowMs);
    if (asked.length >= asksPerWindow) return false;
    const failed = await this.#failures.get(serverName);
    if (failed && failed.value > 0 && failed.untilMs > nowMs) return false;
    if (this.#recent.size >= maxCounted) this.#recent.clear();
    this.#recent.set(serverName, [...asked, nowMs]);
    return true;
  }

  /** After a failure the server is left alone, the longer the more often it has failed. */
  async note(serverName: ServerName, hasAnswered: boolean): Promise<void> {
    const failures = (await this.#failures.get(serverName))?.value ?? 0;
    if (hasAnswered) {
      if (failures > 0) await this.#failures.put(serverName, 0, Date.now() + windowMs);
      return;
    }
    const untilMs = Date.now() + backoffMs(failures + 1, this.#backoff);
    await this.#failures.put(serverName, failures + 1, untilMs, this.#backoff.maxMs);
  }
}
