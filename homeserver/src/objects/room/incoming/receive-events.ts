import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { authEventIds, prevEventIds } from '../../../protocol/pdu.ts';
import { eventById } from '../../../storage/room/events.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import { storeHidden } from '../graph/store-event.ts';
import type { Room } from '../room.ts';
import { type IncomingEvent, readIncoming } from './incoming-event.ts';
import { isAllowedByAuthEvents } from './judge-event.ts';
import { eventsInOrder } from './order-events.ts';
import { receiveEvent, type StatesBefore } from './receive-event.ts';

/**
 * Takes in what happened now: server-server API, `PUT /send/{txnId}`. One bad event harms no other.
 * @returns one result for each of `pdus`
 */
export function receiveEvents(
  room: Room,
  pdus: readonly JsonObject[],
  states: StatesBefore,
  refusedByPolicy: readonly EventId[] = [],
): ReceivedEvent[] {
  return eachInOrder(room, pdus, (incoming) => {
    const isRefusedByPolicy = refusedByPolicy.includes(incoming.eventId);
    return receiveEvent(room, isRefusedByPolicy ? { ...incoming, isRefusedByPolicy } : incoming, states);
  });
}

/** Takes in events of states and auth chains. */
export function receiveOutliers(room: Room, pdus: readonly JsonObject[]): ReceivedEvent[] {
  const source = new RoomEventSource(room);
  return eachInOrder(room, pdus, (incoming) => receiveOutlier(room, incoming, source));
}

/** Judged by its own auth events alone, and kept without a place in the graph. */
export function receiveOutlier(
  room: Room,
  { pdu, eventId }: Pick<IncomingEvent, 'pdu' | 'eventId'>,
  source: RoomEventSource,
): ReceivedEvent {
  if (pdu.state_key === undefined) return { kind: 'malformed', reason: 'no state event' };
  const known = eventById(room.sqlite, eventId);
  if (known) return { kind: 'known', eventId, position: known.position };
  const others = authEventIds(pdu).filter((id) => !source.find(id));
  if (others.length > 0) return { kind: 'missing', eventId, prevEvents: [], others };
  const verdict = isAllowedByAuthEvents(room, pdu, source) ? 'accepted' : 'rejected';
  const position = storeHidden(room, { pdu, eventId, verdict });
  source.forget(eventId);
  return { kind: verdict, eventId, position };
}

function eachInOrder(
  room: Room,
  pdus: readonly JsonObject[],
  receive: (incoming: IncomingEvent) => ReceivedEvent,
): ReceivedEvent[] {
  const read = pdus.map((pdu) => readIncoming(room, pdu));
  const ordered = eventsInOrder(read, (pdu) => [...authEventIds(pdu), ...prevEventIds(pdu)]);
  const results = new Map(ordered.map((incoming) => [incoming.eventId, receive(incoming)]));
  return read.map((incoming) => {
    if (incoming.kind === 'malformed') return incoming;
    return results.get(incoming.eventId) ?? { kind: 'malformed', reason: 'not taken in' };
  });
}
