import type { Membership } from '../../../../matrix/events.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

/** Sets one key of the state, now and behind event `since`. */
export function setState(
  sqlite: Sqlite,
  change: { type: string; stateKey: string; since: number; position: number; membership?: Membership },
): void {
  const membership = change.membership ?? null;
  sqlite.run(
    `INSERT INTO current_state (type, state_key, position, membership) VALUES (?, ?, ?, ?)
     ON CONFLICT (type, state_key) DO UPDATE SET position = excluded.position, membership = excluded.membership`,
    change.type,
    change.stateKey,
    change.position,
    membership,
  );
  sqlite.run(
    'INSERT INTO state_history (type, state_key, since, position, membership) VALUES (?, ?, ?, ?, ?)',
    change.type,
    change.stateKey,
    change.since,
    change.position,
    membership,
  );
}

export function stateEvent(sqlite: Sqlite, type: string, stateKey: string): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(
    `SELECT ${eventColumns} FROM current_state s JOIN events e ON e.position = s.position
     WHERE s.type = ? AND s.state_key = ?`,
    type,
    stateKey,
  );
  return row && fromEventRow(row);
}

/** @param atPosition the state behind that event */
export function stateEventAt(
  sqlite: Sqlite,
  type: string,
  stateKey: string,
  atPosition: number,
): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(
    `SELECT ${eventColumns} FROM state_history h JOIN events e ON e.position = h.position
     WHERE h.type = ? AND h.state_key = ? AND h.since <= ? ORDER BY h.since DESC LIMIT 1`,
    type,
    stateKey,
    atPosition,
  );
  return row && fromEventRow(row);
}

/** Which part of the state is wanted: the members alone, all but the members, or both. */
export type StatePart = 'all' | 'members' | 'withoutMembers';

const partCondition: Record<StatePart, string> = {
  all: '1',
  members: "s.type = 'm.room.member'",
  withoutMembers: "s.type <> 'm.room.member'",
};

export function currentState(sqlite: Sqlite, part: StatePart): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM current_state s JOIN events e ON e.position = s.position
       WHERE ${partCondition[part]} ORDER BY e.position`,
    )
    .map(fromEventRow);
}

/** The whole state behind an event. For the newest one, `currentState` reads less. */
export function stateAt(sqlite: Sqlite, atPosition: number, part: StatePart): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns}
       FROM (SELECT s.position, MAX(s.since) FROM state_history s
             WHERE s.since <= ? AND ${partCondition[part]} GROUP BY s.type, s.state_key) AS s
       JOIN events e ON e.position = s.position ORDER BY e.position`,
      atPosition,
    )
    .map(fromEventRow);
}

/** Every value that one key of the state had, oldest first. */
export function stateKeyHistory(
  sqlite: Sqlite,
  type: string,
  stateKey: string,
): { since: number; event: StoredEvent }[] {
  return sqlite
    .all<EventRow & { since: number }>(
      `SELECT h.since, ${eventColumns} FROM state_history h JOIN events e ON e.position = h.position
       WHERE h.type = ? AND h.state_key = ? ORDER BY h.since`,
      type,
      stateKey,
    )
    .map((row) => ({ since: row.since, event: fromEventRow(row) }));
}
