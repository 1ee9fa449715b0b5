import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Whether the login of an object is gone. Other places may take up to a minute to notice. */
export class Stopped {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(): boolean {
    return this.#sqlite.get('SELECT id FROM stopped') !== undefined;
  }

  set(stopped: boolean): void {
    this.#sqlite.run(stopped ? 'INSERT OR IGNORE INTO stopped (id) VALUES (1)' : 'DELETE FROM stopped');
  }
}
