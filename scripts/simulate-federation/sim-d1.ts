import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

const folder = path.resolve(import.meta.dirname, '../../migrations/d1/homeserver');
let template: Uint8Array | undefined;

/** The tables, made once. */
function schema(): Uint8Array {
  if (template) return template;
  const database = new DatabaseSync(':memory:');
  for (const file of readdirSync(folder).toSorted()) {
    if (file.endsWith('.sql')) database.exec(readFileSync(path.join(folder, file), 'utf8'));
  }
  template = database.serialize();
  return template;
}

/** As much of D1 as drizzle uses. */
export class SimD1 {
  readonly database = new DatabaseSync(':memory:');

  constructor() {
    this.database.deserialize(schema());
  }

  prepare(sql: string): SimStatement {
    return new SimStatement(this.database, sql, []);
  }

  async batch(statements: SimStatement[]): Promise<unknown[]> {
    this.database.exec('BEGIN');
    const results = statements.map((statement) => ({ results: statement.rows() }));
    this.database.exec('COMMIT');
    return results;
  }
}

class SimStatement {
  readonly #database: DatabaseSync;
  readonly #sql: string;
  readonly #parameters: SQLInputValue[];

  constructor(database: DatabaseSync, sql: string, parameters: SQLInputValue[]) {
    this.#database = database;
    this.#sql = sql;
    this.#parameters = parameters;
  }

  bind(...parameters: unknown[]): SimStatement {
    const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    return new SimStatement(this.#database, this.#sql, values as SQLInputValue[]);
  }

  rows(): Record<string, unknown>[] {
    return this.#database.prepare(this.#sql).all(...this.#parameters);
  }

  async all(): Promise<{ results: unknown[]; success: true; meta: object }> {
    return { results: this.rows(), success: true, meta: {} };
  }

  async run(): Promise<{ results: unknown[]; success: true; meta: object }> {
    return this.all();
  }

  async raw(): Promise<unknown[][]> {
    const statement = this.#database.prepare(this.#sql);
    statement.setReturnArrays(true);
    return statement.all(...this.#parameters) as unknown as unknown[][];
  }
}
