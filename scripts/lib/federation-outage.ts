import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Two servers are made to believe that the outage of another one began a day earlier. They must not be running. */

export const dayMs = 24 * 60 * 60_000;

/** @returns how many destinations of this Roost were failing */
export function ageOutagesOfRoost(dataDir: string): number {
  let aged = 0;
  for (const file of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.sqlite')) continue;
    const database = new DatabaseSync(path.join(dataDir, file));
    try {
      const columns = database.prepare("SELECT name FROM pragma_table_info('delivery')").all();
      if (!columns.some(({ name }) => name === 'failing_since_ms')) continue;
      const update = 'UPDATE delivery SET failing_since_ms = failing_since_ms - ?, next_attempt_ms = 0';
      aged += Number(database.prepare(`${update} WHERE failing_since_ms IS NOT NULL`).run(dayMs).changes);
    } finally {
      database.close();
    }
  }
  return aged;
}

/** Whether this Synapse, which may be running, has noted an outage. */
export function hasNotedOutage(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare('SELECT 1 FROM destinations WHERE failure_ts IS NOT NULL').get() !== undefined;
  } finally {
    database.close();
  }
}

/** @returns how many destinations of this Synapse were failing */
export function ageOutagesOfSynapse(file: string): number {
  const database = new DatabaseSync(file);
  try {
    const update = `UPDATE destinations SET failure_ts = failure_ts - ?1, retry_last_ts = retry_last_ts - ?1`;
    return Number(database.prepare(`${update} WHERE failure_ts IS NOT NULL`).run(dayMs).changes);
  } finally {
    database.close();
  }
}
