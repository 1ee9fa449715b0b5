import type { EventId } from '../../../../matrix/identifiers.ts';
import { type AuthState, authorize } from '../auth-rules/authorize.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import type { EventGraph } from './event-graph.ts';
import { emptyState, type SharedState, type StateLayer } from './shared-state.ts';

/** Applies the events to the state in order, passing over those that the rules do not allow. */
export function iterativeAuthChecks(
  state: StateLayer,
  eventIds: readonly EventId[],
  graph: EventGraph,
  version: RoomVersion,
): void {
  for (const eventId of eventIds) {
    const event = graph.get(eventId);
    if (event.state_key === undefined) continue;
    const verdict = authorize(event, authStateOf(eventId, graph, version, state), version);
    if (verdict.kind === 'allowed') state.set(event.type, event.state_key, eventId);
  }
}

/**
 * What an event is judged by: the state where it has what the rules ask for, else the event's own auth events
 * that were not rejected. The create event is implied where no event names it.
 */
export function authStateOf(
  eventId: EventId,
  graph: EventGraph,
  version: RoomVersion,
  state: Pick<SharedState, 'get'> = emptyState,
): AuthState {
  return {
    get(type, stateKey) {
      if (type === 'm.room.create' && version.roomIds === 'createHash') {
        return graph.findUsable(`$${graph.get(eventId).room_id?.slice(1)}` as EventId);
      }
      const inState = state.get(type, stateKey);
      const event = inState === undefined ? undefined : graph.findUsable(inState);
      return event ?? graph.authorities(eventId).get(stateMapKey(type, stateKey));
    },
  };
}
