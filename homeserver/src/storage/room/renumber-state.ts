import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { StateKey } from './state.ts';

/** The event that sets a key has got another position: every state has it under that. */
export function renumberState(
  sqlite: Sqlite,
  { type, stateKey }: StateKey,
  former: number,
  position: number,
): void {
  for (const table of ['current_state', 'state_history', 'line_state', 'fetched_state']) {
    sqlite.run(
      `UPDATE ${table} SET position = ? WHERE type = ? AND state_key = ? AND position = ?`,
      position,
      type,
      stateKey,
      former,
    );
  }
}
