import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Sqlite } from '../../platform/sqlite.ts';
import { migrate } from '../../platform/sqlite-migrate.ts';

interface Prepared {
  statement: StatementSync;
  reads: boolean;
  writes: boolean;
}

/** The database of one object, which outlives the instances of it. Blobs are not for it. */
export class ObjectDatabase {
  database: DatabaseSync;
  alarmMs: number | undefined;
  readonly #template: Uint8Array;
  #statements = new Map<string, Prepared>();
  #depth = 0;

  /** @param template as `serialize` gives it: making tables takes longer than copying them */
  constructor(template: Uint8Array) {
    this.#template = template;
    this.database = opened(template);
  }

  exec(sql: string, bindings: unknown[]): { rows: Record<string, unknown>[]; wrote: boolean } {
    if (bindings.length === 0 && sql.includes(';')) {
      this.database.exec(sql);
      return { rows: [], wrote: true };
    }
    const { statement, reads, writes } = this.#prepare(sql);
    const values = bindings.map(toSql);
    if (reads) return { rows: statement.all(...values), wrote: writes };
    statement.run(...values);
    return { rows: [], wrote: writes };
  }

  transaction<T>(body: () => T): T {
    this.#depth += 1;
    const name = `nested${this.#depth}`;
    this.database.exec(`SAVEPOINT ${name}`);
    try {
      const result = body();
      this.database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  clear(): void {
    this.#statements = new Map();
    this.database.close();
    this.database = opened(this.#template);
    this.alarmMs = undefined;
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    const reads = statement.columns().length > 0;
    const prepared = { statement, reads, writes: /\b(INSERT|UPDATE|DELETE|CREATE|REPLACE)\b/.test(sql) };
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/**
 * What an instance of an object has of its database: as much of `DurableObjectStorage` as the homeserver uses. After an
 * eviction it does nothing more, whatever the instance was at.
 */
export class ObjectStorage {
  isEvicted = false;
  readonly #database: ObjectDatabase;
  readonly #onAlarm: (atMs: number | undefined) => void;

  constructor(database: ObjectDatabase, onAlarm: (atMs: number | undefined) => void) {
    this.#database = database;
    this.#onAlarm = onAlarm;
  }

  readonly sql = {
    exec: (sql: string, ...bindings: unknown[]) => {
      this.#check();
      const { rows, wrote } = this.#database.exec(sql, bindings);
      return { toArray: () => rows, rowsRead: rows.length, rowsWritten: wrote ? 1 : 0 };
    },
    databaseSize: 0,
  };

  transactionSync<T>(body: () => T): T {
    this.#check();
    return this.#database.transaction(body);
  }

  async setAlarm(atMs: number): Promise<void> {
    this.#check();
    this.#onAlarm(atMs);
  }

  async deleteAlarm(): Promise<void> {
    this.#check();
    this.#onAlarm(undefined);
  }

  async deleteAll(): Promise<void> {
    this.#check();
    this.#onAlarm(undefined);
    this.#database.clear();
  }

  #check(): void {
    if (this.isEvicted) throw new Error('the object was evicted');
  }
}

/** A database with a schema, and nothing in it. */
export function schemaTemplate(migrations: readonly string[]): Uint8Array {
  const database = new ObjectDatabase(new DatabaseSync(':memory:').serialize());
  migrate(new Sqlite(new ObjectStorage(database, () => undefined) as never), migrations);
  return database.database.serialize();
}

function opened(template: Uint8Array): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.deserialize(template);
  return database;
}

function toSql(value: unknown): SQLInputValue {
  if (value === undefined) throw new TypeError('undefined is nothing that SQLite stores');
  return value as SQLInputValue;
}
