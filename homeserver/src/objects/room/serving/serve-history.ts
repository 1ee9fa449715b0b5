import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { prevEventIds } from '../../../protocol/pdu.ts';
import { eventById, eventsById, type StoredEvent } from '../../../storage/room/events.ts';
import { administrator, type EventAtTime } from '../../room-rpc.ts';
import type { BackfillQuery, MissingEventsQuery, ServedPdus } from '../../room-serving-rpc.ts';
import { readByTime } from '../reading/read-by-time.ts';
import type { Room } from '../room.ts';
import { serverRefusal, serverRefusalAt } from './server-access.ts';
import { visiblePdus } from './visible-pdus.ts';

/** Server-server API, `GET /event/{eventId}`. */
export function eventFor(room: Room, server: string, eventId: EventId): ServedPdus | Denial {
  const refusal = serverRefusalAt(room, server, [eventId]);
  if (refusal) return refusal;
  const event = eventById(room.sqlite, eventId);
  if (!event || event.verdict === 'rejected') return denial(notFound('Unknown event'));
  return { kind: 'pdus', pdus: visiblePdus(room, server, [event]) };
}

/** `GET /timestamp_to_event/{roomId}`: ids and times are no secret of those who are in the room. */
export function eventAtTimeFor(
  room: Room,
  server: string,
  timeMs: number,
  dir: 'f' | 'b',
): EventAtTime | Denial {
  return serverRefusal(room, server) ?? readByTime(room, administrator, timeMs, dir);
}

/** `GET /backfill/{roomId}`: newest first. */
export function backfillFor(room: Room, server: string, query: BackfillQuery): ServedPdus | Denial {
  const refusal = serverRefusal(room, server);
  if (refusal) return refusal;
  const events = walkBack(room, query.from, query.limit, () => true);
  return { kind: 'pdus', pdus: visiblePdus(room, server, events) };
}

/** `POST /get_missing_events/{roomId}`: oldest first. */
export function missingEventsFor(room: Room, server: string, query: MissingEventsQuery): ServedPdus | Denial {
  const refusal = serverRefusalAt(room, server, query.latest);
  if (refusal) return refusal;
  const known = new Set(query.earliest);
  const starts = eventsById(room.sqlite, query.latest).flatMap(({ pdu }) => prevEventIds(pdu));
  const isWanted = ({ eventId, pdu }: StoredEvent) => !known.has(eventId) && pdu.depth >= query.minDepth;
  const events = walkBack(room, starts, query.limit, isWanted);
  return { kind: 'pdus', pdus: visiblePdus(room, server, events.reverse()) };
}

/**
 * From these events back through the graph, the deepest first. What was refused is passed over: nothing that others
 * accept is before it alone.
 */
function walkBack(
  room: Room,
  from: readonly EventId[],
  limit: number,
  isWanted: (event: StoredEvent) => boolean,
): StoredEvent[] {
  const seen = new Set<EventId>(from);
  const found: StoredEvent[] = [];
  let open = placed(room, from).filter(isWanted);
  while (open.length > 0 && found.length < limit) {
    open.sort((one, other) => one.pdu.depth - other.pdu.depth || one.position - other.position);
    const event = open.pop();
    if (!event) break;
    found.push(event);
    const before = prevEventIds(event.pdu).filter((id) => !seen.has(id));
    for (const id of before) seen.add(id);
    open = [...open, ...placed(room, before).filter(isWanted)];
  }
  return found;
}

function placed(room: Room, eventIds: readonly EventId[]): StoredEvent[] {
  return eventsById(room.sqlite, eventIds).filter(
    ({ position, place, verdict }) => verdict !== 'rejected' && (position > 0 || place !== undefined),
  );
}
