import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';
import type { StateKey } from './state.ts';

/** Events behind `after`, and those that were kept apart, as far as they have a place in the graph. */
export function eventsJudgedSince(sqlite: Sqlite, after: number): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM events e WHERE e.position > ? OR (e.position < 0 AND e.line IS NOT NULL)`,
      after,
    )
    .map(fromEventRow);
}

/** No state has the event for this key any more; what was in force before it is again. */
export function withdrawState(sqlite: Sqlite, { type, stateKey }: StateKey, position: number): void {
  for (const table of ['state_history', 'line_state']) {
    sqlite.run(
      `DELETE FROM ${table} WHERE type = ? AND state_key = ? AND position = ?`,
      type,
      stateKey,
      position,
    );
  }
  const present = sqlite.get<{ position: number }>(
    'SELECT position FROM current_state WHERE type = ? AND state_key = ?',
    type,
    stateKey,
  );
  if (present?.position !== position) return;
  sqlite.run('DELETE FROM current_state WHERE type = ? AND state_key = ?', type, stateKey);
  sqlite.run(
    `INSERT INTO current_state (type, state_key, position, since, membership)
     SELECT type, state_key, position, since, membership FROM
       (SELECT * FROM state_history WHERE type = ? AND state_key = ? ORDER BY since DESC LIMIT 1)
     WHERE position IS NOT NULL`,
    type,
    stateKey,
  );
}
