import type { Membership } from '../../../../matrix/events.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

/** What one key of the state becomes. */
export interface StateChange {
  type: string;
  stateKey: string;
  /** The event behind which it is so. */
  since: number;
  /** Of the event that sets it; absent: nothing sets it any more. */
  position: number | undefined;
  /** Of member events, `leave` where there is none any more. */
  membership?: Membership;
  /** The member is of this server. */
  isLocal?: boolean;
}

/** Sets one key of the room's state, now and behind event `since`. */
export function setState(sqlite: Sqlite, change: StateChange): void {
  if (change.position === undefined) {
    sqlite.run('DELETE FROM current_state WHERE type = ? AND state_key = ?', change.type, change.stateKey);
  } else {
    sqlite.run(
      `INSERT INTO current_state (type, state_key, position, since, membership) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (type, state_key) DO UPDATE
       SET position = excluded.position, since = excluded.since, membership = excluded.membership`,
      change.type,
      change.stateKey,
      change.position,
      change.since,
      change.membership ?? null,
    );
  }
  sqlite.run(
    `INSERT INTO state_history (type, state_key, since, position, membership, local) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (type, state_key, since) DO UPDATE
     SET position = excluded.position, membership = excluded.membership`,
    change.type,
    change.stateKey,
    change.since,
    change.position ?? null,
    change.membership ?? null,
    change.isLocal ? 1 : null,
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

export function hasState(sqlite: Sqlite, type: string, stateKey: string): boolean {
  return (
    sqlite.get('SELECT 1 FROM current_state WHERE type = ? AND state_key = ?', type, stateKey) !== undefined
  );
}

/** Position of the event behind which the state last changed. */
export function newestStateChange(sqlite: Sqlite): number {
  return sqlite.get<{ since: number | null }>('SELECT max(since) AS since FROM state_history')?.since ?? 0;
}

/** Members come from their counts, so that they are not read. */
export function countState(sqlite: Sqlite): number {
  const row = sqlite.get<{ events: number }>(
    `SELECT (SELECT count(*) FROM current_state WHERE type < 'm.room.member')
       + (SELECT count(*) FROM current_state WHERE type > 'm.room.member')
       + (SELECT coalesce(sum(members), 0) FROM member_counts) AS events`,
  );
  return row?.events ?? 0;
}

/** @param atPosition the state behind that event */
export function stateEventAt(
  sqlite: Sqlite,
  type: string,
  stateKey: string,
  atPosition: number,
): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(
    `SELECT ${eventColumns} FROM events e WHERE e.position =
       (SELECT position FROM state_history WHERE type = ? AND state_key = ? AND since <= ? ORDER BY since DESC LIMIT 1)`,
    type,
    stateKey,
    atPosition,
  );
  return row && fromEventRow(row);
}

/** Which part of the state is wanted: the members alone, all but the members, or both. */
export type StatePart = 'all' | 'members' | 'withoutMembers';

/** Each is a range of the key, so that the many members are not read where they are not wanted. */
const partRanges: Record<StatePart, string[]> = {
  all: ['TRUE'],
  members: ["s.type = 'm.room.member'"],
  withoutMembers: ["s.type < 'm.room.member'", "s.type > 'm.room.member'"],
};

/** In the order of their positions. Sorted here: what SQLite sorts is billed as read once more. */
function eventsOfPart(part: StatePart, rowsOf: (range: string) => EventRow[]): StoredEvent[] {
  return partRanges[part]
    .flatMap(rowsOf)
    .map(fromEventRow)
    .sort((one, other) => one.position - other.position);
}

export function currentState(sqlite: Sqlite, part: StatePart): StoredEvent[] {
  return eventsOfPart(part, (range) =>
    sqlite.all<EventRow>(
      `SELECT ${eventColumns} FROM current_state s JOIN events e ON e.position = s.position WHERE ${range}`,
    ),
  );
}

/** The whole state behind an event. For the newest one, `currentState` reads less. */
export function stateAt(sqlite: Sqlite, atPosition: number, part: StatePart): StoredEvent[] {
  return eventsOfPart(part, (range) =>
    sqlite.all<EventRow>(
      `SELECT ${eventColumns}
       FROM (SELECT s.position, MAX(s.since) FROM state_history s
             WHERE s.since <= ? AND ${range} GROUP BY s.type, s.state_key) AS s
       JOIN events e ON e.position = s.position`,
      atPosition,
    ),
  );
}

/** Every value that one key of the state had, oldest first; without an event where it was set no more. */
export function stateKeyHistory(
  sqlite: Sqlite,
  type: string,
  stateKey: string,
): { since: number; event: StoredEvent | undefined }[] {
  return sqlite
    .all<EventRow & { since: number }>(
      `SELECT h.since, ${eventColumns} FROM state_history h LEFT JOIN events e ON e.position = h.position
       WHERE h.type = ? AND h.state_key = ? ORDER BY h.since`,
      type,
      stateKey,
    )
    .map((row) => ({ since: row.since, event: row.event_id === null ? undefined : fromEventRow(row) }));
}

/** A key of the state. */
export interface StateKey {
  type: string;
  stateKey: string;
}

/** Position of the last change on the room's own line up to `at`. */
export function lastStateChange(sqlite: Sqlite, at: number): number {
  const row = sqlite.get<{ since: number | null }>(
    'SELECT MAX(since) AS since FROM state_history INDEXED BY state_changes WHERE since <= ?',
    at,
  );
  return row?.since ?? 0;
}

/** The keys that changed on the room's own line behind `after`, up to the event at `upTo`. */
export function keysChanged(sqlite: Sqlite, after: number, upTo: number): StateKey[] {
  return sqlite
    .all<{ type: string; state_key: string }>(
      `SELECT DISTINCT type, state_key FROM state_history INDEXED BY state_changes WHERE since > ? AND since <= ?`,
      after,
      upTo,
    )
    .map((row) => ({ type: row.type, stateKey: row.state_key }));
}

/** The keys that changed behind `after`, up to `upTo`, by another event than the one at that position. */
export function unexplainedKeys(sqlite: Sqlite, after: number, upTo: number): StateKey[] {
  return sqlite
    .all<{ type: string; state_key: string }>(
      `SELECT DISTINCT type, state_key FROM state_history INDEXED BY state_changes
       WHERE since > ? AND since <= ? AND position IS NOT since`,
      after,
      upTo,
    )
    .map((row) => ({ type: row.type, stateKey: row.state_key }));
}

/** Position of the event that set a key, behind event `at` of the room's own line. */
export function statePositionAt(sqlite: Sqlite, key: StateKey, at: number): number | undefined {
  const row = sqlite.get<{ position: number | null }>(
    'SELECT position FROM state_history WHERE type = ? AND state_key = ? AND since <= ? ORDER BY since DESC LIMIT 1',
    key.type,
    key.stateKey,
    at,
  );
  return row?.position ?? undefined;
}

/** The same for many keys, in their order. */
export function statePositionsOf(
  sqlite: Sqlite,
  keys: readonly StateKey[],
  at: number,
): (number | undefined)[] {
  return keysInPortions(keys).flatMap((portion) =>
    sqlite
      .all<{ position: number | null }>(
        `SELECT (SELECT position FROM state_history WHERE type = value ->> 0 AND state_key = value ->> 1 AND since <= ?
                 ORDER BY since DESC LIMIT 1) AS position
         FROM json_each(?) ORDER BY key`,
        at,
        portion,
      )
      .map((row) => row.position ?? undefined),
  );
}

/** As JSON for `json_each`, each below the 2 MB that a value may have, even if all had to be escaped. */
export function keysInPortions(keys: readonly StateKey[]): string[] {
  const portions: string[] = [];
  for (let start = 0; start < keys.length; start += 500) {
    const portion = keys.slice(start, start + 500);
    portions.push(JSON.stringify(portion.map(({ type, stateKey }) => [type, stateKey])));
  }
  return portions;
}

/** The whole state behind event `at` of the room's own line, without reading the events. */
export function statePositionsAt(sqlite: Sqlite, at: number): (StateKey & { position: number })[] {
  return sqlite
    .all<{ type: string; state_key: string; position: number | null; since: number }>(
      `SELECT type, state_key, position, MAX(since) AS since FROM state_history WHERE since <= ?
       GROUP BY type, state_key`,
      at,
    )
    .flatMap(({ type, state_key: stateKey, position }) =>
      position === null ? [] : [{ type, stateKey, position }],
    );
}
