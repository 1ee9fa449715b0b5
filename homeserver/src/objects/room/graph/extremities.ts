import type { EventId } from '../../../../../matrix/identifiers.ts';
import { limits } from '../../../../../matrix/limits.ts';
import { type Pdu, prevEventIds } from '../../../protocol/pdu.ts';
import { eventsById, newestEventId, type StoredEvent } from '../../../storage/room/events.ts';
import { gapsMissing } from '../../../storage/room/gaps.ts';
import { readExtremities, writeExtremities } from '../../../storage/room/room-row.ts';
import type { Room } from '../room.ts';

/** More are not kept: nobody in the room joins the ends of its branches, or somebody makes them on purpose. */
const maxExtremities = 200;

/** The extremities that the next event of this server names as previous, and whose state is the room's. */
export function nextPrevEvents(room: Room): EventId[] {
  return readExtremities(room.sqlite).slice(-limits.maxPrevEvents);
}

/** Whether an event follows on all that this server knows, so that its state is the room's own. */
export function followsOnAll(room: Room, pdu: Pdu): boolean {
  const extremities = readExtremities(room.sqlite);
  const prevEvents = new Set(prevEventIds(pdu));
  return prevEvents.size === extremities.length && extremities.every((eventId) => prevEvents.has(eventId));
}

/**
 * An accepted event replaces the extremities that it follows on, also over refused events.
 * @param former as they were before it was stored: they may not be written down but as the newest event
 */
export function advanceExtremities(
  room: Room,
  former: readonly EventId[],
  { eventId, pdu }: { eventId: EventId; pdu: Pdu },
): void {
  const extremities = new Set(former);
  const followed = prevEventIds(pdu);
  const seen = new Set<EventId>();
  for (let id = followed.pop(); id !== undefined; id = followed.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (extremities.delete(id)) continue;
    const [event] = eventsById(room.sqlite, [id]);
    if (event && event.verdict !== 'accepted') followed.push(...prevEventIds(event.pdu));
  }
  if (gapsMissing(room.sqlite, eventId).length === 0) extremities.add(eventId);
  writeAll(room, [...extremities].slice(-maxExtremities));
}

/**
 * Whether an event took the place of one extremity and leaves the state as it is there. Then all extremities together
 * have the state that they had; only the first of a branch, and those that set something, have to be resolved.
 * @param former extremities
 */
export function leavesStateAlone(
  room: Room,
  former: readonly EventId[],
  { eventId, pdu }: { eventId: EventId; pdu: Pdu },
): boolean {
  const [prevEvent, ...others] = prevEventIds(pdu);
  if (prevEvent === undefined || others.length > 0 || pdu.state_key !== undefined) return false;
  return (
    former.length <= limits.maxPrevEvents &&
    former.includes(prevEvent) &&
    readExtremities(room.sqlite).includes(eventId)
  );
}

/** The newest event of the timeline is the only extremity. */
export function newestIsExtremity(room: Room): void {
  writeExtremities(room.sqlite, undefined);
}

function writeAll(room: Room, eventIds: EventId[]): void {
  const [only, ...others] = eventIds;
  const isNewest = others.length === 0 && only !== undefined && only === newestEventId(room.sqlite);
  writeExtremities(room.sqlite, isNewest ? undefined : eventIds);
}

export function extremityEvents(room: Room): StoredEvent[] {
  return eventsById(room.sqlite, nextPrevEvents(room));
}
