import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { authChainIds } from '../../../storage/room/auth-chain.ts';
import { eventById, eventsById, idsAt, type StoredEvent } from '../../../storage/room/events.ts';
import type { EventIds, ServedPdus, StateIds } from '../../room-serving-rpc.ts';
import { fullState } from '../graph/full-state.ts';
import { pointBefore } from '../graph/state-point.ts';
import type { Room } from '../room.ts';
import { notFullyJoined, serverRefusal, serverRefusalAt } from './server-access.ts';

/** Server-server API, `GET /state_ids/{roomId}`. */
export function stateIdsFor(room: Room, server: string, eventId: EventId): StateIds | Denial {
  const refusal = serverRefusalAt(room, server, [eventId]);
  if (refusal) return refusal;
  if (room.isPartial) return denial(notFullyJoined());
  const event = eventById(room.sqlite, eventId);
  const before = event && pointBefore(event);
  if (!before) return denial(notFound('The state before this event is not known'));
  const positions = [...fullState(room.sqlite, before).values()].map(({ position }) => position);
  const state = idsAt(room.sqlite, positions);
  return { kind: 'stateIds', state, authChain: [...authChainIds(room.sqlite, state)] };
}

/** `GET /event_auth/{roomId}/{eventId}`. */
export function authChainFor(room: Room, server: string, eventId: EventId): EventIds | Denial {
  const refusal = serverRefusalAt(room, server, [eventId]);
  if (refusal) return refusal;
  if (!eventById(room.sqlite, eventId)) return denial(notFound('Unknown event'));
  return { kind: 'ids', eventIds: [...authChainIds(room.sqlite, [eventId])] };
}

/**
 * Those of a state and its auth chain. What was rejected is in none.
 * @param at the event that the state is before, as it was asked for
 */
export function stateEventsFor(
  room: Room,
  server: string,
  eventIds: readonly EventId[],
  at?: EventId,
): ServedPdus | Denial {
  const refusal = at === undefined ? serverRefusal(room, server) : serverRefusalAt(room, server, [at]);
  if (refusal) return refusal;
  const isState = ({ stateKey, verdict }: StoredEvent) => stateKey !== undefined && verdict !== 'rejected';
  const events = eventsById(room.sqlite, eventIds).filter(isState);
  return { kind: 'pdus', pdus: events.map(({ pdu }) => ({ ...pdu })) };
}
