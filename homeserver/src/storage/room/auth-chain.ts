import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** So that one answer of the database stays small. */
const portion = 5_000;

/**
 * All events on which the right of these rests, themselves left out; only those that are there. By breadth: each
 * event is read once, of its PDU the references alone.
 */
export function authChainIds(sqlite: Sqlite, eventIds: Iterable<EventId>): Set<EventId> {
  const chain = new Set<EventId>();
  let frontier = [...eventIds];
  while (frontier.length > 0) {
    const next = new Set<EventId>();
    for (let start = 0; start < frontier.length; start += portion) {
      for (const id of authEventsOf(sqlite, frontier.slice(start, start + portion))) {
        if (!chain.has(id)) next.add(id);
      }
    }
    for (const id of next) chain.add(id);
    frontier = [...next];
  }
  return chain;
}

/** In room versions 1 and 2 a reference is a pair of the id and a hash. */
function authEventsOf(sqlite: Sqlite, eventIds: readonly EventId[]): EventId[] {
  return sqlite
    .all<{ id: string }>(
      `SELECT DISTINCT found.event_id AS id
       FROM json_each(?) wanted
         JOIN events e ON e.event_id = wanted.value
         JOIN json_each(e.pdu, '$.auth_events') reference
         JOIN events found
           ON found.event_id = CASE reference.type WHEN 'array' THEN json_extract(reference.value, '$[0]')
             ELSE reference.value END`,
      JSON.stringify(eventIds),
    )
    .map((row) => row.id as EventId);
}
