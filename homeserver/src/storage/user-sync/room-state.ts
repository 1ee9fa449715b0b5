import type { StateEvent } from '../../../../matrix/events.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `room_state`: the room's state as far as the user's clients need it. A cache of the room. */

export interface StateRow {
  position: number;
  event: StateEvent;
}

type Raw = { position: number; event: string };

const parse = (rows: Raw[]): StateRow[] =>
  rows.map((row) => ({ position: row.position, event: JSON.parse(row.event) as StateEvent }));

export function findState(
  sqlite: Sqlite,
  roomId: string,
  type: string,
  stateKey: string,
): StateRow | undefined {
  const raw = sqlite.all<Raw>(
    'SELECT position, event FROM room_state WHERE room_id = ? AND type = ? AND state_key = ?',
    roomId,
    type,
    stateKey,
  );
  return parse(raw)[0];
}

export function putState(sqlite: Sqlite, roomId: string, event: StateEvent, position: number): void {
  sqlite.run(
    `INSERT INTO room_state (room_id, type, state_key, event_id, position, event) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (room_id, type, state_key)
     DO UPDATE SET event_id = excluded.event_id, position = excluded.position, event = excluded.event`,
    roomId,
    event.type,
    event.state_key,
    event.event_id,
    position,
    JSON.stringify(event),
  );
}

/** Replaces the served form of a state event, if it is current. */
export function updateStateEvent(sqlite: Sqlite, roomId: string, event: StateEvent): void {
  sqlite.run(
    'UPDATE room_state SET event = ? WHERE room_id = ? AND type = ? AND state_key = ? AND event_id = ?',
    JSON.stringify(event),
    roomId,
    event.type,
    event.state_key,
    event.event_id,
  );
}

export function allState(sqlite: Sqlite, roomId: string): StateRow[] {
  return parse(sqlite.all<Raw>('SELECT position, event FROM room_state WHERE room_id = ?', roomId));
}

/** All but members: two ranges of the key, so that members are not even read. */
export function stateWithoutMembers(sqlite: Sqlite, roomId: string): StateRow[] {
  const select = 'SELECT position, event FROM room_state WHERE room_id = ? AND type';
  return parse(
    sqlite.all<Raw>(`${select} < 'm.room.member' UNION ALL ${select} > 'm.room.member'`, roomId, roomId),
  );
}

type StateEntry = readonly [type: string, stateKey: string];

/** Entries that one statement looks up: two bindings each and one for the room, of the 100 allowed. */
const maxLookups = 45;
/** Terms of a compound statement. */
const maxTerms = 5;

/**
 * The events of these entries, as far as there are any. Reads no more rows than it returns: one subquery an
 * entry, since an `IN` list counts its own members as rows.
 */
export function stateEntries(sqlite: Sqlite, roomId: string, entries: readonly StateEntry[]): StateEvent[] {
  return lookUp(sqlite, 'event', roomId, entries)
    .filter((text) => text !== null)
    .map((text) => JSON.parse(text) as StateEvent);
}

/** The event ids of these entries, in their order; no event is parsed. */
export function stateEventIds(
  sqlite: Sqlite,
  roomId: string,
  entries: readonly StateEntry[],
): (string | undefined)[] {
  return lookUp(sqlite, 'event_id', roomId, entries).map((eventId) => eventId ?? undefined);
}

function lookUp(
  sqlite: Sqlite,
  column: 'event' | 'event_id',
  roomId: string,
  entries: readonly StateEntry[],
): (string | null)[] {
  const found: (string | null)[] = [];
  for (let start = 0; start < entries.length; start += maxLookups) {
    const some = entries.slice(start, start + maxLookups);
    const columns = some.map(
      (_entry, index) => `(SELECT ${column} FROM room_state WHERE room_id = ?1 AND type = ?${2 * index + 2}
         AND state_key = ?${2 * index + 3}) AS e${index}`,
    );
    const row = sqlite.get<Record<string, string | null>>(
      `SELECT ${columns.join(', ')}`,
      roomId,
      ...some.flat(),
    );
    found.push(...some.map((_entry, index) => row?.[`e${index}`] ?? null));
  }
  return found;
}

/** Members of these users, as far as they are known here. */
export function memberEvents(sqlite: Sqlite, roomId: string, userIds: Iterable<string>): StateEvent[] {
  return stateEntries(
    sqlite,
    roomId,
    [...userIds].map((userId) => ['m.room.member', userId]),
  );
}

/** Events of these types with every state key. */
export function stateOfTypes(sqlite: Sqlite, roomId: string, types: readonly string[]): StateEvent[] {
  const found: StateEvent[] = [];
  for (let start = 0; start < types.length; start += maxTerms) {
    const some = types.slice(start, start + maxTerms);
    const term = 'SELECT position, event FROM room_state WHERE room_id = ? AND type = ?';
    const rows = sqlite.all<Raw>(
      some.map(() => term).join(' UNION ALL '),
      ...some.flatMap((type) => [roomId, type]),
    );
    found.push(...parse(rows).map((row) => row.event));
  }
  return found;
}

export function stateSince(sqlite: Sqlite, roomId: string, since: number): StateRow[] {
  return parse(
    sqlite.all<Raw>(
      'SELECT position, event FROM room_state WHERE room_id = ? AND position > ?',
      roomId,
      since,
    ),
  );
}

export function deleteState(sqlite: Sqlite, roomId: string): void {
  sqlite.run('DELETE FROM room_state WHERE room_id = ?', roomId);
}

export function deleteStateEntry(sqlite: Sqlite, roomId: string, type: string, stateKey: string): void {
  sqlite.run(
    'DELETE FROM room_state WHERE room_id = ? AND type = ? AND state_key = ?',
    roomId,
    type,
    stateKey,
  );
}
