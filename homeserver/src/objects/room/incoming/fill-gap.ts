import type { EventId } from '../../../../../matrix/identifiers.ts';
import { prevEventIds } from '../../../protocol/pdu.ts';
import { eventById, eventsBackward } from '../../../storage/room/events.ts';
import { gapAt, putGap } from '../../../storage/room/gaps.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import { storeEvent, storeHidden } from '../graph/store-event.ts';
import type { Room } from '../room.ts';
import { fillsGaps, missingBefore } from './gaps.ts';
import { type IncomingEvent, readIncoming } from './incoming-event.ts';
import { verdictAtPlace } from './judge-event.ts';
import { eventsInOrder } from './order-events.ts';
import { takeOutlier } from './promote-outlier.ts';
import { knownOrMissing, placeFor, type StatesBefore } from './receive-event.ts';

/**
 * Puts older events into a gap of the timeline, directly before the event at its position. They change neither the
 * room's state nor what follows next. What they themselves lack before them remains as the gap.
 * @param values in any order
 * @returns one result for each of `values`
 */
export function fillGap(
  room: Room,
  position: number,
  values: readonly unknown[],
  states: StatesBefore,
): ReceivedEvent[] {
  const gap = gapAt(room.sqlite, position);
  // It was filled meanwhile: the numbers below are taken.
  if (!gap) return values.map(() => ({ kind: 'malformed', reason: 'no gap is there' }));
  const read = values.map((value) => readIncoming(room, value));
  const results = new Map<EventId, ReceivedEvent>();
  const all = eventsInOrder(read, prevEventIds);
  const elsewhere = beforePlaced(room, position, all);
  const ordered = all.filter(({ eventId }) => !elsewhere.has(eventId)).slice(-freeBelow(room, position));
  const start = position - ordered.length;
  let lowest = position;
  ordered.forEach((incoming, index) => {
    const result = storeOld(room, incoming, start + index, states);
    results.set(incoming.eventId, result);
    if (result.kind === 'accepted') lowest = Math.min(lowest, result.position);
  });
  const stillMissing = new Set(gap.missing.filter((id) => !isPlaced(room, id)));
  putGap(room.sqlite, { position, missing: [] });
  for (const { eventId, pdu } of ordered) {
    if (!isPlaced(room, eventId)) continue;
    // What is missing before an event that was there has a gap of its own.
    if (results.get(eventId)?.kind === 'known') continue;
    const before = missingBefore(room, pdu);
    for (const id of before) stillMissing.add(id);
    fillsGaps(room, eventId, results.get(eventId)?.kind === 'accepted' ? [] : before);
  }
  putGap(room.sqlite, { position: lowest, missing: [...stillMissing] });
  return read.map((incoming) =>
    incoming.kind === 'malformed'
      ? incoming
      : (results.get(incoming.eventId) ?? { kind: 'malformed', reason: 'not of this gap, or given twice' }),
  );
}

/**
 * Those of the events that come before one that is in the timeline already, below the gap at `gap`: their place is not
 * here, but in the gap before that event.
 */
function beforePlaced(room: Room, gap: number, events: readonly IncomingEvent[]): Set<EventId> {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  const found = new Set<EventId>();
  const open = events.filter(({ eventId }) => {
    const position = eventById(room.sqlite, eventId)?.position ?? 0;
    return position > 0 && position < gap;
  });
  for (let event = open.pop(); event; event = open.pop()) {
    for (const id of prevEventIds(event.pdu)) {
      const before = byId.get(id);
      if (!before || found.has(id)) continue;
      found.add(id);
      open.push(before);
    }
  }
  return found;
}

/** Numbers between the event at `position` and the one before it in the timeline. */
export function freeBelow(room: Room, position: number): number {
  const [before] = eventsBackward(room.sqlite, 0, position - 1, 1);
  return position - 1 - (before?.position ?? 0);
}

export function storeOld(
  room: Room,
  incoming: IncomingEvent,
  position: number,
  states: StatesBefore,
): ReceivedEvent {
  const { pdu, eventId } = incoming;
  const source = new RoomEventSource(room);
  const known = knownOrMissing(room, incoming, source, states);
  if (known) return known;
  const place = placeFor(room, incoming, source, states);
  const verdict = verdictAtPlace(room, pdu, place, source, true);
  const outlier = takeOutlier(room, eventId);
  if (verdict === 'accepted') {
    storeEvent(room, { pdu, eventId, place, position });
    outlier?.becomes(position);
    return { kind: 'accepted', eventId, position };
  }
  const hidden = storeHidden(room, { pdu, eventId, place, verdict });
  outlier?.becomes(hidden);
  return { kind: verdict, eventId, position: hidden };
}

/** Whether the event is in the graph; one known from a state alone is not. */
export function isPlaced(room: Room, eventId: EventId): boolean {
  const event = eventById(room.sqlite, eventId);
  if (!event) return findPurged(room.sqlite, eventId) !== undefined;
  return event.position > 0 || event.place !== undefined;
}
