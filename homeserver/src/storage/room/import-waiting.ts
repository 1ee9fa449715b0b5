import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { authEventIds, type Pdu } from '../../protocol/pdu.ts';

/** Events of a room that is being imported whose auth events had not come when they came. */
export interface WaitingEvent {
  eventId: EventId;
  pdu: Pdu;
  /** Part of the room's state, not only of its auth chain. */
  isState: boolean;
}

/** @returns how many more wait now: an event waits once, and is part of the state if it ever came as that */
export function putWaiting(sqlite: Sqlite, { eventId, pdu, isState }: WaitingEvent): 0 | 1 {
  const written = sqlite.run(
    'INSERT INTO import_waiting (event_id, auth_events, pdu, is_state) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    eventId,
    JSON.stringify(authEventIds(pdu)),
    JSON.stringify(pdu),
    isState ? 1 : 0,
  );
  if (written > 0) return 1;
  if (isState) sqlite.run('UPDATE import_waiting SET is_state = 1 WHERE event_id = ?', eventId);
  return 0;
}

/** Which waiting event rests on which events. */
export function waitingAuthEvents(sqlite: Sqlite): Map<EventId, EventId[]> {
  const rows = sqlite.all<{ event_id: string; auth_events: string }>(
    'SELECT event_id, auth_events FROM import_waiting',
  );
  return new Map(rows.map((row) => [row.event_id as EventId, JSON.parse(row.auth_events) as EventId[]]));
}

/** They wait no more. @returns them in the order of `eventIds` */
export function takeWaiting(sqlite: Sqlite, eventIds: readonly EventId[]): WaitingEvent[] {
  const wanted = JSON.stringify(eventIds);
  const rows = sqlite.all<{ event_id: string; pdu: string; is_state: number }>(
    `SELECT w.event_id, w.pdu, w.is_state FROM json_each(?) wanted JOIN import_waiting w ON w.event_id = wanted.value
     ORDER BY wanted.key`,
    wanted,
  );
  sqlite.run('DELETE FROM import_waiting WHERE event_id IN (SELECT value FROM json_each(?))', wanted);
  return rows.map((row) => ({
    eventId: row.event_id as EventId,
    pdu: JSON.parse(row.pdu) as Pdu,
    isState: row.is_state === 1,
  }));
}
