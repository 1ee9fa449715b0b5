import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import type { ClientEvent, StateEvent } from '../../../../../matrix/events.ts';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { matchesEventFilter } from '../../../protocol/filter.ts';
import {
  eventById,
  eventsBackward,
  eventsForward,
  newestPosition,
  type StoredEvent,
} from '../../../storage/room/events.ts';
import { gapsBetween } from '../../../storage/room/gaps.ts';
import type { EventContext, MessagesPage, MessagesQuery, Viewer } from '../../room-rpc.ts';
import { stateBehind, stateEventBehind } from '../graph/state-behind.ts';
import type { Room } from '../room.ts';
import { mayRead, maySeeAtPlace, type ReaderRights, readerRights } from './reader-rights.ts';
import { passesRelationFilter } from './relation-filter.ts';
import { serveEvents, serveStateEvents, type Viewing } from './serve-event.ts';

const batchEvents = 100;
/** Events looked at by one request; a filter that lets few through gets a short page and a token. */
const maxScanned = 1000;

/**
 * Backwards, a page ends where events are missing, so that they can be fetched before the next one is asked for; one
 * that begins there says so, too.
 */
export function readMessages(room: Room, query: MessagesQuery, nowMs: number): MessagesPage | Denial {
  const rights = readerRights(room, query.userId);
  if (rights.kind === 'denied') return rights;
  const newest = newestPosition(room.sqlite);
  const start = Math.min(query.from ?? (query.dir === 'b' ? newest : 0), newest);
  const gaps = query.dir === 'b' ? gapsBetween(room.sqlite, query.to ?? 0, start + 1, 2) : [];
  // A page that begins at a gap goes on beyond it: whoever could not fill it must not be stopped for ever.
  const begun = gaps[0]?.position === start + 1 ? gaps.shift() : undefined;
  const next = gaps[0];
  const scan = scanEvents(room, rights, { ...query, start, ...(next ? { to: next.position - 1 } : {}) });
  const ended =
    next && scan.end === undefined && rights.ranges.some(({ after }) => after < next.position - 1)
      ? next
      : undefined;
  // Where a filter hides the beginning, a client that sees it not still learns that there is nothing more.
  const beginning = query.dir === 'b' && scan.hidesLast && scan.events.length > 0 ? 0 : undefined;
  const end = ended ? ended.position - 1 : (scan.end ?? beginning);
  const gap = begun ?? ended;
  return {
    kind: 'page',
    start,
    ...(end === undefined ? {} : { end }),
    ...(gap ? { gap } : {}),
    chunk: serveEvents(room, scan.events, viewingOf(query, rights, nowMs)),
    state: lazyMembers(room, rights, scan.events, query.filter),
  };
}

/** The event with what surrounds it: half of `limit` on each side. */
export function readContext(
  room: Room,
  viewer: Viewer,
  eventId: EventId,
  limit: number,
  filter: JsonObject | undefined,
  nowMs: number,
): EventContext | Denial {
  const rights = readerRights(room, viewer.userId);
  const event = eventById(room.sqlite, eventId);
  if (rights.kind === 'denied') return rights;
  if (!event || !mayRead(room, rights, event)) return denial(notFound('No such event'));
  const scanFrom = (dir: 'b' | 'f', start: number, count: number) =>
    count === 0
      ? { events: [], end: undefined }
      : scanEvents(room, rights, { dir, start, limit: count, ...(filter ? { filter } : {}) });
  const before = scanFrom('b', event.position - 1, Math.floor(limit / 2));
  const after = scanFrom('f', event.position, limit - Math.floor(limit / 2));
  const last = after.events.at(-1) ?? event;
  const served = (events: StoredEvent[]) => serveEvents(room, events, viewingOf(viewer, rights, nowMs));
  const [own] = served([event]);
  if (!own) return denial(notFound('No such event'));
  const shown = [...before.events, event, ...after.events];
  return {
    kind: 'context',
    start: (before.events.at(-1)?.position ?? event.position) - 1,
    end: last.position,
    event: own,
    eventsBefore: served(before.events),
    eventsAfter: served(after.events),
    state: contextState(room, rights, shown, last, filter),
  };
}

export function readEvent(
  room: Room,
  viewer: Viewer,
  eventId: EventId,
  nowMs: number,
): { kind: 'event'; event: ClientEvent } | Denial {
  const rights = readerRights(room, viewer.userId);
  const event = eventById(room.sqlite, eventId);
  if (rights.kind === 'denied' || !event || !mayRead(room, rights, event)) {
    return denial(notFound('No such event'));
  }
  const [served] = serveEvents(room, [event], viewingOf(viewer, rights, nowMs));
  return served ? { kind: 'event', event: served } : denial(notFound('No such event'));
}

interface Scan {
  dir: 'b' | 'f';
  /** The gap to start from. */
  start: number;
  to?: number;
  limit: number;
  filter?: JsonObject;
}

/**
 * `end`: the gap to go on from; absent if there is nothing more that the reader may see. `hidesLast`: the last event that
 * there is did not pass the filter.
 */
export function scanEvents(
  room: Room,
  rights: ReaderRights,
  { dir, start, to, limit, filter }: Scan,
): { events: StoredEvent[]; end?: number; hidesLast?: boolean } {
  const events: StoredEvent[] = [];
  const ranges = dir === 'b' ? rights.ranges.toReversed() : rights.ranges;
  let scanned = 0;
  let gap = start;
  let hidesLast = false;
  for (const range of ranges) {
    const after = dir === 'b' ? Math.max(range.after, to ?? 0) : Math.max(range.after, gap);
    const upTo = dir === 'b' ? Math.min(range.upTo, gap) : Math.min(range.upTo, to ?? range.upTo);
    if (after >= upTo) continue;
    gap = dir === 'b' ? upTo : after;
    for (;;) {
      const batch =
        dir === 'b'
          ? eventsBackward(room.sqlite, after, gap, batchEvents)
          : eventsForward(room.sqlite, gap, upTo, batchEvents);
      for (const event of batch) {
        gap = dir === 'b' ? event.position - 1 : event.position;
        hidesLast = !(maySeeAtPlace(room, rights.userId, event) && matches(room, event, rights, filter));
        if (!hidesLast) events.push(event);
        if (events.length >= limit) return { events, end: gap };
      }
      scanned += batch.length;
      if (scanned >= maxScanned) return { events, end: gap };
      if (batch.length < batchEvents) break;
    }
  }
  return { events, hidesLast };
}

function matches(
  room: Room,
  event: StoredEvent,
  rights: ReaderRights,
  filter: JsonObject | undefined,
): boolean {
  return (
    filter === undefined ||
    (matchesEventFilter(event.pdu, filter) && passesRelationFilter(room, event, rights.ranges, filter))
  );
}

/** Member events of the senders, as they were at the newest of these events. */
function lazyMembers(
  room: Room,
  { ranges }: ReaderRights,
  events: readonly StoredEvent[],
  filter: JsonObject | undefined,
): StateEvent[] {
  if (filter?.lazy_load_members !== true) return [];
  const newest = events.toSorted((one, other) => other.position - one.position)[0];
  if (!newest) return [];
  const senders = new Set<UserId>(events.map((event) => event.sender));
  const members = [...senders]
    .map((sender) => stateEventBehind(room.sqlite, newest, 'm.room.member', sender))
    .filter((member) => member !== undefined);
  return serveStateEvents(room, members, { ranges: () => ranges });
}

function contextState(
  room: Room,
  rights: ReaderRights,
  shown: readonly StoredEvent[],
  last: StoredEvent,
  filter: JsonObject | undefined,
): StateEvent[] {
  const viewing = { ranges: () => rights.ranges };
  if (filter?.lazy_load_members !== true) {
    return serveStateEvents(room, stateBehind(room.sqlite, last, 'all'), viewing);
  }
  return [
    ...serveStateEvents(room, stateBehind(room.sqlite, last, 'withoutMembers'), viewing),
    ...lazyMembers(room, rights, shown, filter),
  ];
}

export function viewingOf(
  { userId, deviceId }: Viewer,
  { membershipAt, ranges }: ReaderRights,
  nowMs: number,
): Viewing {
  return {
    userId,
    ...(deviceId === undefined ? {} : { deviceId }),
    membershipAt,
    ranges: () => ranges,
    nowMs,
  };
}
