import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

/** The current state of one type, whatever its keys. */
export function stateOfType(sqlite: Sqlite, type: string): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM current_state s JOIN events e ON e.position = s.position
       WHERE s.type = ? ORDER BY s.state_key`,
      type,
    )
    .map(fromEventRow);
}
