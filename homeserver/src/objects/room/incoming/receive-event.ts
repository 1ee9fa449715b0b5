import { type EventId, serverNameOf } from '../../../../../matrix/identifiers.ts';
import { authEventIds, prevEventIds } from '../../../protocol/pdu.ts';
import { eventById, newestPosition } from '../../../storage/room/events.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import {
  advanceExtremities,
  followsOnAll,
  leavesStateAlone,
  newestIsExtremity,
} from '../graph/extremities.ts';
import { resolveOwnLine } from '../graph/own-line.ts';
import { makePlace, stateBefore, stateOfEvents } from '../graph/place-event.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import type { Placed } from '../graph/state-point.ts';
import { storeEvent, storeHidden } from '../graph/store-event.ts';
import { learnMembers } from '../partial/guess-members.ts';
import type { Room } from '../room.ts';
import { fillsGaps, gapSize, missingBefore, openGap } from './gaps.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { isAllowedByAuthEvents, isAllowedByOwnState, verdictAtPlace } from './judge-event.ts';
import { takeOutlier } from './promote-outlier.ts';

/** For events some of whose previous events cannot be had: the ids of the state before each. */
export type StatesBefore = Readonly<Record<EventId, readonly EventId[]>>;

/**
 * Takes in an event of another server that happened now: server-server API, "Checks performed on receipt of a PDU".
 * What is rejected or soft-failed is kept apart, for what others build on it. If events that it rests on are missing,
 * nothing is written. Synchronous; the caller makes it one transaction.
 */
export function receiveEvent(room: Room, incoming: IncomingEvent, states: StatesBefore): ReceivedEvent {
  const source = new RoomEventSource(room);
  const known = knownOrMissing(room, incoming, source, states);
  if (known) return known;
  return followsOnAll(room, incoming.pdu) && !incoming.isRefusedByPolicy
    ? receiveOnOwnLine(room, incoming, source)
    : receiveOnLine(room, incoming, source, states);
}

/** Nothing if the event is new, and all is there that is needed to judge it. */
export function knownOrMissing(
  room: Room,
  { eventId, pdu }: IncomingEvent,
  source: RoomEventSource,
  states: StatesBefore,
): ReceivedEvent | undefined {
  const earlier = eventById(room.sqlite, eventId);
  if (earlier && hasPlace(earlier)) return { kind: 'known', eventId, position: earlier.position };
  const purged = earlier ? undefined : findPurged(room.sqlite, eventId);
  if (purged) return { kind: 'known', eventId, position: purged.position };
  const state = Object.hasOwn(states, eventId) ? states[eventId] : undefined;
  source.prefetch([...authEventIds(pdu), ...prevEventIds(pdu)]);
  const others = [...authEventIds(pdu), ...(state ?? [])].filter((id) => !source.find(id));
  const prevEvents = state ? [] : missingPrevEvents(room, source, pdu);
  if (others.length === 0 && prevEvents.length === 0) return undefined;
  return { kind: 'missing', eventId, prevEvents, others };
}

function missingPrevEvents(room: Room, source: RoomEventSource, pdu: IncomingEvent['pdu']): EventId[] {
  return prevEventIds(pdu).filter((id) => {
    const event = placeOf(room, source, id);
    return !event || !hasPlace(event);
  });
}

/** Of what was purged the place is left, which is all that the events behind it need. */
function placeOf(room: Room, source: RoomEventSource, eventId: EventId): Placed | undefined {
  return source.find(eventId) ?? findPurged(room.sqlite, eventId);
}

function hasPlace({ position, place }: Placed): boolean {
  return position > 0 || place !== undefined;
}

/** The ordinary case: the state before it is the room's. */
function receiveOnOwnLine(room: Room, incoming: IncomingEvent, source: RoomEventSource): ReceivedEvent {
  const { pdu, eventId } = incoming;
  if (!isAllowedByAuthEvents(room, pdu, source) || !isAllowedByOwnState(room, pdu)) {
    return receiveOnLine(room, incoming, source, {});
  }
  learnMembers(room, pdu);
  const outlier = takeOutlier(room, eventId);
  const position = storeEvent(room, incoming);
  outlier?.becomes(position);
  newestIsExtremity(room);
  return { kind: 'accepted', eventId, position };
}

function receiveOnLine(
  room: Room,
  incoming: IncomingEvent,
  source: RoomEventSource,
  states: StatesBefore,
): ReceivedEvent {
  const { pdu, eventId } = incoming;
  const missing = missingBefore(room, pdu);
  const place = placeFor(room, incoming, source, states);
  const isTold = Object.hasOwn(states, eventId);
  // While nobody of ours was there, nobody told what became of the room: it may still ban who may come again.
  const judged = verdictAtPlace(room, pdu, place, source, isTold && isOwnJoin(room, incoming));
  const verdict = judged === 'accepted' && incoming.isRefusedByPolicy ? 'softFailed' : judged;
  const outlier = takeOutlier(room, eventId);
  if (verdict !== 'accepted') {
    const position = storeHidden(room, { pdu, eventId, place, verdict });
    outlier?.becomes(position);
    fillsGaps(room, eventId, missing);
    return { kind: verdict, eventId, position };
  }
  learnMembers(room, pdu);
  const end = missing.length > 0 ? { position: newestPosition(room.sqlite) + gapSize } : {};
  const extremities = readExtremities(room.sqlite);
  const { isOurs = false, transaction } = incoming;
  const known = transaction ? { transaction } : {};
  const position = storeEvent(room, { pdu, eventId, place, isOurs, ...known, ...end });
  outlier?.becomes(position);
  if (missing.length > 0) openGap(room, position, missing);
  advanceExtremities(room, extremities, incoming);
  fillsGaps(room, eventId);
  if (isTold || !leavesStateAlone(room, extremities, incoming)) resolveOwnLine(room, position);
  return { kind: 'accepted', eventId, position };
}

/** Of a user of this server, so that none but this server can have signed it. */
function isOwnJoin({ config }: Room, { pdu }: IncomingEvent): boolean {
  const isJoin = pdu.type === 'm.room.member' && pdu.content.membership === 'join';
  return isJoin && pdu.state_key === pdu.sender && serverNameOf(pdu.sender) === config.serverName;
}

/** A place behind the state before the event: the one that was told, or that of its previous events. */
export function placeFor(
  room: Room,
  { pdu, eventId }: IncomingEvent,
  source: RoomEventSource,
  states: StatesBefore,
) {
  const told = Object.hasOwn(states, eventId) ? states[eventId] : undefined;
  const prevEvents = prevEventIds(pdu).flatMap((id) => placeOf(room, source, id) ?? []);
  return makePlace(room, told ? stateOfEvents(room, told) : stateBefore(room, prevEvents));
}
