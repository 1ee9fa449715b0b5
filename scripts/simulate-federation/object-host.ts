import { ObjectDatabase, ObjectStorage } from './object-storage.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A class of Durable Objects. */
export type ObjectClass = new (ctx: never, env: never) => object;

interface Instance {
  object: object;
  storage: ObjectStorage;
}

/** The objects of one class of one server, made when they are called; with their alarms, and evictions. */
export class ObjectHost {
  readonly #make: ObjectClass;
  readonly #template: Uint8Array;
  readonly #env: () => object;
  readonly #time: VirtualTime;
  readonly #databases = new Map<string, ObjectDatabase>();
  readonly #instances = new Map<string, Instance>();

  /** @param template of their databases */
  constructor(make: ObjectClass, template: Uint8Array, env: () => object, time: VirtualTime) {
    this.#make = make;
    this.#template = template;
    this.#env = env;
    this.#time = time;
  }

  get names(): string[] {
    return [...this.#databases.keys()];
  }

  /** As a stub: whatever it is asked is asked of the instance that there is then, and by value. */
  getByName(name: string): object {
    return new Proxy(
      {},
      {
        get: (_, method) => {
          if (method === 'then' || typeof method === 'symbol') return undefined;
          return async (...parameters: unknown[]) => {
            const object = this.instance(name) as Record<string, (...given: unknown[]) => Promise<unknown>>;
            const result = await object[method]?.(...structuredClone(parameters));
            return structuredClone(result);
          };
        },
      },
    );
  }

  instance(name: string): object {
    const known = this.#instances.get(name);
    if (known) return known.object;
    const database = this.#databases.get(name) ?? new ObjectDatabase(this.#template);
    this.#databases.set(name, database);
    const storage = new ObjectStorage(database, (atMs) => this.#setAlarm(name, database, atMs));
    // What fails has been logged, or is of an instance that was evicted.
    const waitUntil = (work: Promise<unknown>) => void work.catch(() => undefined);
    const object = new this.#make({ storage, id: { name }, waitUntil } as never, this.#env() as never);
    this.#instances.set(name, { object, storage });
    return object;
  }

  database(name: string): ObjectDatabase | undefined {
    return this.#databases.get(name);
  }

  /** What it had in memory is lost, and what it was at is never finished. */
  evict(name: string): void {
    const instance = this.#instances.get(name);
    if (instance) instance.storage.isEvicted = true;
    this.#instances.delete(name);
  }

  /** Gives its memory back; nothing is to happen here any more. */
  close(): void {
    for (const { database } of this.#databases.values()) database.close();
  }

  #setAlarm(name: string, database: ObjectDatabase, atMs: number | undefined): void {
    database.alarmMs = atMs;
    if (atMs === undefined) return;
    this.#time.at(atMs, () => {
      if (database.alarmMs !== atMs) return;
      database.alarmMs = undefined;
      const object = this.instance(name) as { alarm?(): Promise<void> };
      // One that fails is run again.
      object.alarm?.().catch(() => this.#setAlarm(name, database, this.#time.nowMs + 2_000));
    });
  }
}
