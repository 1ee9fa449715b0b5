import { errorText, log } from '../../../platform/log.ts';

const maxInMemory = 2_000;
/** KV keeps nothing for less. */
const minTtlSeconds = 60;

interface Entry<Value> {
  value: Value;
  /** Epoch ms. */
  untilMs: number;
}

/** In the memory of each isolate; what is in KV is seen elsewhere a minute later, or never. */
const memories = new WeakMap<KVNamespace, Map<string, Entry<unknown>>>();

/** A cache that may be stale and may be lost: nothing may depend on it but time. */
export class StaleCache<Value> {
  readonly #kv: KVNamespace;
  readonly #prefix: string;
  readonly #memory: Map<string, Entry<unknown>>;

  /** @param prefix of the keys; with a name behind it at most 512 bytes */
  constructor(kv: KVNamespace, prefix: string) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.#memory = memories.get(kv) ?? new Map();
    memories.set(kv, this.#memory);
  }

  /** Whatever is there, also if its time is over. */
  async get(name: string): Promise<Entry<Value> | undefined> {
    const key = this.#prefix + name;
    const remembered = this.#memory.get(key);
    if (remembered && remembered.untilMs > Date.now()) return remembered as Entry<Value>;
    const stored = (await this.#kv.get<Entry<Value>>(key, 'json').catch(logged)) ?? undefined;
    const newest = newer(remembered as Entry<Value> | undefined, stored);
    if (newest) this.#remember(key, newest);
    return newest;
  }

  /** @param keepMs how long it is still told after its time, for those who can do no better */
  async put(name: string, value: Value, untilMs: number, keepMs = 0): Promise<void> {
    const key = this.#prefix + name;
    const entry = { value, untilMs };
    this.#remember(key, entry);
    const ttlSeconds = Math.ceil((untilMs + keepMs - Date.now()) / 1000);
    if (ttlSeconds < minTtlSeconds) return;
    await this.#kv.put(key, JSON.stringify(entry), { expirationTtl: ttlSeconds }).catch(logged);
  }

  #remember(key: string, entry: Entry<unknown>): void {
    this.#memory.delete(key);
    const [oldest] = this.#memory.keys();
    if (this.#memory.size >= maxInMemory && oldest !== undefined) this.#memory.delete(oldest);
    this.#memory.set(key, entry);
  }
}

/** KV refuses more than one write a second of the same key: whoever was first has written the same. */
function logged(error: unknown): null {
  log('warn', 'stale_cache.failed', { error: errorText(error) });
  return null;
}

function newer<Value>(
  one: Entry<Value> | undefined,
  other: Entry<Value> | undefined,
): Entry<Value> | undefined {
  if (!one || !other) return one ?? other;
  return other.untilMs > one.untilMs ? other : one;
}
