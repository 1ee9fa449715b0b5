import type { EventId } from '../../../../matrix/identifiers.ts';
import { authorize } from '../auth-rules/authorize.ts';
import { sha1Hex } from '../crypto.ts';
import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import type { EventGraph } from './event-graph.ts';
import { type SharedState, StateLayer } from './shared-state.ts';

/** The types that decide over others, in the order in which their conflicts are settled. */
const authorisingTypes = ['m.room.power_levels', 'm.room.join_rules', 'm.room.member'];

/**
 * State resolution of room version 1: https://spec.matrix.org/v1.16/rooms/v1/#state-resolution
 * A key that is missing in some states is no conflict in this version.
 */
export function resolveV1(
  conflicted: ReadonlyMap<EventId, unknown>,
  unconflicted: SharedState,
  graph: EventGraph,
  version: RoomVersion,
): ReadonlyMap<string, EventId> {
  const resolved = new StateLayer(unconflicted);
  const conflicts: StoredEvent[][] = [];
  for (const events of byKey(conflicted.keys(), graph)) {
    const [only, ...others] = events;
    if (others.length > 0) conflicts.push(inOrder(events));
    else if (only) put(resolved, only);
  }
  for (const type of authorisingTypes) {
    const winners = conflicts
      .filter(([first]) => first?.event.type === type)
      .map((events) => lastOfAllowedRun(events, resolved, graph, version));
    // Conflicts of one type do not see each other's outcome.
    for (const winner of winners) if (winner) put(resolved, winner);
  }
  for (const events of conflicts) {
    const [oldest] = events;
    if (!oldest || authorisingTypes.includes(oldest.event.type)) continue;
    // If none is allowed, there is still one of them in the room: the oldest.
    put(resolved, events.findLast(({ event }) => isAllowed(event, resolved, graph, version)) ?? oldest);
  }
  return resolved.own;
}

interface StoredEvent {
  eventId: EventId;
  event: Pdu;
}

function byKey(eventIds: Iterable<EventId>, graph: EventGraph): Iterable<StoredEvent[]> {
  const all = [...eventIds];
  graph.open(all);
  const events = new Map<string, StoredEvent[]>();
  for (const eventId of all) {
    const event = graph.get(eventId);
    const key = stateMapKey(event.type, event.state_key ?? '');
    const others = events.get(key);
    if (others) others.push({ eventId, event });
    else events.set(key, [{ eventId, event }]);
  }
  return events.values();
}

/** By ascending depth, then descending SHA-1 of the id. */
function inOrder(events: readonly StoredEvent[]): StoredEvent[] {
  return events
    .map((stored) => ({ ...stored, hash: sha1Hex(stored.eventId) }))
    .sort((one, other) => one.event.depth - other.event.depth || (one.hash > other.hash ? -1 : 1));
}

/** The first is taken; each further one that is allowed on top replaces it, up to the first that is not. */
function lastOfAllowedRun(
  events: readonly StoredEvent[],
  state: SharedState,
  graph: EventGraph,
  version: RoomVersion,
): StoredEvent | undefined {
  const trial = new StateLayer(state);
  let winner: StoredEvent | undefined;
  for (const stored of events) {
    if (winner && !isAllowed(stored.event, trial, graph, version)) break;
    winner = stored;
    put(trial, stored);
  }
  return winner;
}

function put(state: StateLayer, { event, eventId }: StoredEvent): void {
  state.set(event.type, event.state_key ?? '', eventId);
}

function isAllowed(event: Pdu, state: SharedState, graph: EventGraph, version: RoomVersion): boolean {
  const get = (type: string, stateKey: string) => {
    const eventId = state.get(type, stateKey);
    return eventId === undefined ? undefined : graph.find(eventId);
  };
  return authorize(event, { get }, version).kind === 'allowed';
}
