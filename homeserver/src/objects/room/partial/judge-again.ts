import type { EventId } from '../../../../../matrix/identifiers.ts';
import { log } from '../../../../../platform/log.ts';
import { prevEventIds } from '../../../protocol/pdu.ts';
import { eventsJudgedSince, withdrawState } from '../../../storage/room/change-verdict.ts';
import {
  deleteEvent,
  type EventVerdict,
  eventById,
  eventsById,
  type LinePlace,
  newestPosition,
  type StoredEvent,
} from '../../../storage/room/events.ts';
import { deleteRelations } from '../../../storage/room/relations.ts';
import { readExtremities, writeExtremities } from '../../../storage/room/room-row.ts';
import { deleteIndexed } from '../../../storage/room/search-index.ts';
import { type StateKey, statePositionAt } from '../../../storage/room/state.ts';
import { ancestorsOf } from '../graph/ancestors.ts';
import { advanceExtremities } from '../graph/extremities.ts';
import { setOwnState } from '../graph/own-line.ts';
import { makePlace } from '../graph/place-event.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import { pointBefore, type StatePoint, statePosition, timelinePoint } from '../graph/state-point.ts';
import { storeEvent, storeHidden } from '../graph/store-event.ts';
import { fillsGaps } from '../incoming/gaps.ts';
import { isAllowedBehind, isAllowedByAuthEvents } from '../incoming/judge-event.ts';
import { takeOutlier } from '../incoming/promote-outlier.ts';
import type { Room } from '../room.ts';

/** A verdict may rest on another that is changed after it; who sends such knots unties them. */
const maxRounds = 5;

/**
 * Judges by the whole state what was judged while members were lacking: what should not have been accepted is kept apart
 * from now on, and what was refused wrongly comes now. What a wrong redaction has removed stays removed.
 * @param since events of the timeline behind it
 * @returns whether any verdict has changed
 */
export function judgeAgain(room: Room, since: number): boolean {
  let hasChanged = false;
  for (let round = 0; round < maxRounds; round++) {
    const events = eventsJudgedSince(room.sqlite, since).sort(
      (one, other) => one.pdu.depth - other.pdu.depth || one.originServerTs - other.originServerTs,
    );
    let changes = 0;
    for (const { eventId } of events) if (judgeOnce(room, eventId, events)) changes += 1;
    if (changes === 0) return hasChanged;
    log('info', 'room.judged_again', { roomId: room.roomId, round, changes });
    hasChanged = true;
  }
  return hasChanged;
}

function judgeOnce(room: Room, eventId: EventId, all: readonly StoredEvent[]): boolean {
  // As it is now: another may have changed it.
  const event = eventById(room.sqlite, eventId);
  const before = event && pointBefore(event);
  if (!before) return false;
  const source = new RoomEventSource(room);
  const isAllowed =
    isAllowedByAuthEvents(room, event.pdu, source) && isAllowedBehind(room, event.pdu, before);
  if (event.verdict === 'accepted' && !isAllowed) return withdraw(room, event);
  // By the state in force, which a soft failure is about, it would be judged by what came after it.
  if (event.verdict === 'rejected' && isAllowed) return admit(room, event, all);
  return false;
}

/** The event is taken out of the timeline and the state, and keeps its place for what follows on it. */
function withdraw(room: Room, event: StoredEvent): true {
  const { sqlite } = room;
  const { eventId, pdu, position, stateKey, type } = event;
  const former = readExtremities(sqlite);
  if (stateKey !== undefined) withdrawState(sqlite, { type, stateKey }, position);
  if (position > 0) {
    deleteRelations(sqlite, ancestorsOf(room, pdu), position);
    deleteIndexed(sqlite, position);
  }
  const place = event.place ?? makePlace(room, { base: timelinePoint(position - 1), changes: [] });
  deleteEvent(sqlite, position);
  storeHidden(room, { pdu, eventId, place, verdict: 'rejected' satisfies EventVerdict });
  if (former.includes(eventId)) {
    const others = former.filter((id) => id !== eventId);
    const next = [...new Set([...others, ...(others.length > 0 ? [] : lastAccepted(room, pdu))])];
    writeExtremities(sqlite, next.length > 0 ? next : undefined);
  }
  return true;
}

/** The accepted events that it follows on, over refused ones. */
function lastAccepted(room: Room, pdu: StoredEvent['pdu']): EventId[] {
  const found: EventId[] = [];
  const seen = new Set<EventId>();
  const open = prevEventIds(pdu);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const [event] = eventsById(room.sqlite, [id]);
    if (!event) continue;
    if (event.verdict === 'accepted') found.push(id);
    else open.push(...prevEventIds(event.pdu));
  }
  return found;
}

/** The room's own line has the event's key since what followed on it, unless something else has set that. */
function bringForward(room: Room, event: StoredEvent, before: number | undefined, since: number): void {
  const key = keyOf(event);
  const present = [since, newestPosition(room.sqlite)].map((at) => statePositionAt(room.sqlite, key, at));
  if (present.every((position) => position === before)) setOwnState(room, key, since, event, 'later');
}

const keyOf = ({ type, stateKey }: StoredEvent): StateKey => ({ type, stateKey: stateKey ?? '' });
const pointOf = ({ line, step }: LinePlace): StatePoint => ({ line, at: 2 * step });

/** The event comes into the timeline as if it had come now; its place in the graph is where it was. */
function admit(room: Room, event: StoredEvent, all: readonly StoredEvent[]): boolean {
  const { eventId, pdu, place } = event;
  if (!place) return false;
  const former = readExtremities(room.sqlite);
  const outlier = takeOutlier(room, eventId);
  const before =
    event.stateKey === undefined ? undefined : statePosition(room.sqlite, pointOf(place), keyOf(event));
  const position = storeEvent(room, { pdu, eventId, place });
  outlier?.becomes(position);
  const follower = all.find(({ position: at, place: other }) => {
    return at > 0 && other?.line === place.line && other.step > place.step;
  });
  if (event.stateKey !== undefined && follower) {
    bringForward(room, { ...event, position }, before, follower.position);
  }
  fillsGaps(room, eventId);
  const isFollowed = all.some(
    (other) => other.verdict === 'accepted' && prevEventIds(other.pdu).includes(eventId),
  );
  if (!isFollowed) advanceExtremities(room, former, { eventId, pdu });
  return true;
}
