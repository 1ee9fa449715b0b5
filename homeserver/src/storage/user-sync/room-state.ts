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

/** The event id of a state entry; does not parse the event. */
export function stateEventId(
  sqlite: Sqlite,
  roomId: string,
  type: string,
  stateKey: string,
): string | undefined {
  return sqlite.get<{ event_id: string }>(
    'SELECT event_id FROM room_state WHERE room_id = ? AND type = ? AND state_key = ?',
    roomId,
    type,
    stateKey,
  )?.event_id;
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

/** At most 90 keys at a time. */
export function stateByKeys(
  sqlite: Sqlite,
  roomId: string,
  type: string,
  stateKeys: readonly string[],
): StateRow[] {
  if (stateKeys.length === 0) return [];
  if (stateKeys.length > 90) {
    return [
      ...stateByKeys(sqlite, roomId, type, stateKeys.slice(0, 90)),
      ...stateByKeys(sqlite, roomId, type, stateKeys.slice(90)),
    ];
  }
  return parse(
    sqlite.all<Raw>(
      `SELECT position, event FROM room_state WHERE room_id = ? AND type = ?
       AND state_key IN (${stateKeys.map(() => '?').join(', ')})`,
      roomId,
      type,
      ...stateKeys,
    ),
  );
}

/** At most 90 types, all with the state key ''. */
export function stateByTypes(sqlite: Sqlite, roomId: string, types: readonly string[]): StateRow[] {
  if (types.length === 0) return [];
  return parse(
    sqlite.all<Raw>(
      `SELECT position, event FROM room_state WHERE room_id = ? AND state_key = ''
       AND type IN (${types.map(() => '?').join(', ')})`,
      roomId,
      ...types,
    ),
  );
}

/** At most 90 types, with every state key. */
export function stateOfTypes(sqlite: Sqlite, roomId: string, types: readonly string[]): StateRow[] {
  if (types.length === 0) return [];
  return parse(
    sqlite.all<Raw>(
      `SELECT position, event FROM room_state WHERE room_id = ? AND type IN (${types.map(() => '?').join(', ')})`,
      roomId,
      ...types,
    ),
  );
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
