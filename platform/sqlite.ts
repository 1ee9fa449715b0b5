import { log } from './log.ts';

/** What SQLite in a Durable Object stores and returns here; blobs come back as `ArrayBuffer`. */
export type SqlValue = string | number | null | ArrayBuffer;
export type SqlRow = Record<string, SqlValue>;

/**
 * Typed access to an object's SQLite. Synchronous; writes without an `await` between them are one
 * transaction. Counts the billable rows, which the cost test reads from the log.
 */
export class Sqlite {
  readonly #storage: DurableObjectStorage;
  readonly #meter: string | undefined;
  readonly #kept = new Map<string, { key: string; value: unknown }>();

  /** @param meter class name to log row counts under; counting is off without it */
  constructor(storage: DurableObjectStorage, meter?: string) {
    this.#storage = storage;
    this.#meter = meter;
  }

  all<Row extends SqlRow>(statement: string, ...bindings: SqlValue[]): Row[] {
    const cursor = this.#storage.sql.exec<Row>(statement, ...bindings);
    const rows = cursor.toArray();
    if (cursor.rowsWritten > 0) this.#kept.clear();
    this.#count(cursor.rowsRead, cursor.rowsWritten);
    return rows;
  }

  get<Row extends SqlRow>(statement: string, ...bindings: SqlValue[]): Row | undefined {
    return this.all<Row>(statement, ...bindings)[0];
  }

  /** @returns rows written, index rows included */
  run(statement: string, ...bindings: SqlValue[]): number {
    this.#kept.clear();
    const cursor = this.#storage.sql.exec(statement, ...bindings);
    cursor.toArray();
    this.#count(cursor.rowsRead, cursor.rowsWritten);
    return cursor.rowsWritten;
  }

  /** Runs `body` as one transaction: an exception undoes its writes. No `await` inside. */
  transaction<T>(body: () => T): T {
    try {
      return this.#storage.transactionSync(body);
    } catch (error) {
      // It was read from what has been undone.
      this.#kept.clear();
      throw error;
    }
  }

  /**
   * What `read` gives, asked again only after something was written here. Of each `name` the latest `key` is kept.
   * What it gives is shared: nobody may change it.
   */
  untilWritten<T>(name: string, key: string | number, read: () => T): T {
    const kept = this.#kept.get(name);
    if (kept?.key === String(key)) return kept.value as T;
    const value = read();
    this.#kept.set(name, { key: String(key), value });
    return value;
  }

  /** What the object stores. */
  get databaseBytes(): number {
    return this.#storage.sql.databaseSize;
  }

  /** Sets the object's alarm, which is billed as one row written. */
  setAlarm(dueMs: number): void {
    void this.#storage.setAlarm(dueMs);
    this.#count(0, 1);
  }

  /** An alarm is billed as a request to the object, which no stub counts. */
  noteAlarm(): void {
    if (this.#meter) log('debug', 'meter.object_request', { class: this.#meter, method: 'alarm' });
  }

  #count(read: number, written: number): void {
    if (this.#meter && read + written > 0) log('debug', 'meter.rows', { class: this.#meter, read, written });
  }
}
