import type { EventId } from '../../../../matrix/identifiers.ts';
import { authTypesFor } from '../auth-rules/auth-types.ts';
import { type AuthState, authorize } from '../auth-rules/authorize.ts';
import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import type { EventGraph, StateMap } from './event-source.ts';

/** Applies the events in order, passing over those that the rules do not allow. */
export function iterativeAuthChecks(
  start: StateMap,
  eventIds: readonly EventId[],
  graph: EventGraph,
  version: RoomVersion,
): StateMap {
  const state = new Map(start);
  for (const eventId of eventIds) {
    const event = graph.get(eventId);
    if (event.state_key === undefined) continue;
    const verdict = authorize(event, authStateOf(event, graph, version, state), version);
    if (verdict.kind === 'allowed') state.set(stateMapKey(event.type, event.state_key), eventId);
  }
  return state;
}

/**
 * What an event is judged by: the state where it has what the rules look at, else the event's own auth events
 * that were not rejected. The create event is implied where no event names it.
 */
export function authStateOf(
  event: Pdu,
  graph: EventGraph,
  version: RoomVersion,
  state: StateMap = new Map(),
): AuthState {
  const known = new Map<string, Pdu>();
  const add = (eventId: EventId | undefined) => {
    const authEvent = eventId === undefined || graph.isRejected(eventId) ? undefined : graph.find(eventId);
    if (authEvent?.state_key !== undefined) {
      known.set(stateMapKey(authEvent.type, authEvent.state_key), authEvent);
    }
  };
  if (version.roomIds === 'createHash') add(`$${event.room_id?.slice(1)}` as EventId);
  for (const authId of graph.authEventsOf(event)) add(authId);
  for (const [type, stateKey] of authTypesFor(event, version)) add(state.get(stateMapKey(type, stateKey)));
  return { get: (type, stateKey) => known.get(stateMapKey(type, stateKey)) };
}
