import type { EventId } from '../../../../../matrix/identifiers.ts';
import { type Pdu, prevEventIds } from '../../../protocol/pdu.ts';
import { eventById } from '../../../storage/room/events.ts';
import { gapsMissing, putGap } from '../../../storage/room/gaps.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import type { Room } from '../room.ts';

/**
 * How many numbers a gap leaves free in the timeline: more than events will ever be found for it, and few enough
 * for two million gaps in a room.
 */
export const gapSize = 2 ** 32;

/** The event at `position` was stored without events before it. */
export function openGap(room: Room, position: number, missing: EventId[]): void {
  putGap(room.sqlite, { position, missing });
}

/** Refused events that are looked through; who sends more of them in a row keeps history to themselves. */
const maxRefused = 1_000;

/**
 * The events before this one that are not there. Refused events are nowhere in the timeline, so what is before them
 * is missing here.
 */
export function missingBefore(room: Room, pdu: Pdu): EventId[] {
  const missing = new Set<EventId>();
  const seen = new Set<EventId>();
  const open = prevEventIds(pdu);
  for (let id = open.pop(); id !== undefined && seen.size < maxRefused; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const event = eventById(room.sqlite, id);
    if (event ? event.position < 0 && !event.place : !findPurged(room.sqlite, id)) missing.add(id);
    else if (event && event.verdict !== 'accepted') open.push(...prevEventIds(event.pdu));
  }
  return [...missing];
}

/**
 * The event is there now, wherever it was missing.
 * @param before of a refused event, what is missing before it: that is missing in its stead
 */
export function fillsGaps(room: Room, eventId: EventId, before: readonly EventId[] = []): void {
  for (const { position, missing } of gapsMissing(room.sqlite, eventId)) {
    const others = missing.filter((id) => id !== eventId);
    putGap(room.sqlite, { position, missing: [...new Set([...others, ...before])] });
  }
}
