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

  /** @param meter class name to log row counts under; counting is off without it */
  constructor(storage: DurableObjectStorage, meter?: string) {
    this.#storage = storage;
    this.#meter = meter;
  }

  all<Row extends SqlRow>(statement: string, ...bindings: SqlValue[]): Row[] {
    const cursor = this.#storage.sql.exec<Row>(statement, ...bindings);
    const rows = cursor.toArray();
    this.#count(cursor.rowsRead, cursor.rowsWritten);
    return rows;
  }

  get<Row extends SqlRow>(statement: string, ...bindings: SqlValue[]): Row | undefined {
    return this.all<Row>(statement, ...bindings)[0];
  }

  /** @returns rows written, index rows included */
  run(statement: string, ...bindings: SqlValue[]): number {
    const cursor = this.#storage.sql.exec(statement, ...bindings);
    cursor.toArray();
    this.#count(cursor.rowsRead, cursor.rowsWritten);
    return cursor.rowsWritten;
  }

  /** Runs `body` as one transaction: an exception undoes its writes. No `await` inside. */
  transaction<T>(body: () => T): T {
    return this.#storage.transactionSync(body);
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
