import type { EventId } from '../../../../matrix/identifiers.ts';
import { authorize } from '../auth-rules/authorize.ts';
import { sha1Hex } from '../crypto.ts';
import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import type { EventGraph, StateMap } from './event-source.ts';

/** The types that decide over others, in the order in which their conflicts are settled. */
const authorisingTypes = ['m.room.power_levels', 'm.room.join_rules', 'm.room.member'];

/** State resolution of room version 1: https://spec.matrix.org/v1.16/rooms/v1/#state-resolution */
export function resolveV1(states: readonly StateMap[], graph: EventGraph, version: RoomVersion): StateMap {
  const { agreed: resolved, conflicts } = union(states);
  const ordered = [...conflicts].map(([key, eventIds]) => ({ key, events: orderedEvents(eventIds, graph) }));
  const typeOf = (events: readonly StoredEvent[]) => events[0]?.event.type ?? '';

  for (const type of authorisingTypes) {
    const settled = ordered
      .filter(({ events }) => typeOf(events) === type)
      .map(({ key, events }) => ({ key, winner: lastOfAllowedRun(events, resolved, graph, version) }));
    // Conflicts of one type do not see each other's outcome.
    for (const { key, winner } of settled) if (winner) resolved.set(key, winner);
  }
  for (const { key, events } of ordered) {
    if (authorisingTypes.includes(typeOf(events))) continue;
    const newestFirst = events.toReversed();
    const allowed = newestFirst.find(({ event }) => isAllowed(event, resolved, graph, version));
    // If none is allowed, there is still one of them in the room: the oldest.
    const winner = allowed ?? events[0];
    if (winner) resolved.set(key, winner.eventId);
  }
  return resolved;
}

interface StoredEvent {
  eventId: EventId;
  event: Pdu;
}

/** A key that is missing in some states is no conflict in this version. */
function union(states: readonly StateMap[]): {
  agreed: Map<string, EventId>;
  conflicts: Map<string, Set<EventId>>;
} {
  const all = new Map<string, Set<EventId>>();
  for (const state of states) {
    for (const [key, eventId] of state) all.set(key, (all.get(key) ?? new Set()).add(eventId));
  }
  const agreed = new Map<string, EventId>();
  const conflicts = new Map<string, Set<EventId>>();
  for (const [key, eventIds] of all) {
    const [only, ...others] = eventIds;
    if (only !== undefined && others.length === 0) agreed.set(key, only);
    else conflicts.set(key, eventIds);
  }
  return { agreed, conflicts };
}

/** By ascending depth, then descending SHA-1 of the id. */
function orderedEvents(eventIds: Iterable<EventId>, graph: EventGraph): StoredEvent[] {
  return [...eventIds]
    .map((eventId) => ({ eventId, event: graph.get(eventId), hash: sha1Hex(eventId) }))
    .sort((one, other) => one.event.depth - other.event.depth || (one.hash > other.hash ? -1 : 1));
}

/** The first is taken; each further one that is allowed on top replaces it, up to the first that is not. */
function lastOfAllowedRun(
  events: readonly StoredEvent[],
  state: StateMap,
  graph: EventGraph,
  version: RoomVersion,
): EventId | undefined {
  const trial = new Map(state);
  let winner: EventId | undefined;
  for (const { eventId, event } of events) {
    if (winner !== undefined && !isAllowed(event, trial, graph, version)) break;
    winner = eventId;
    trial.set(stateMapKey(event.type, event.state_key ?? ''), eventId);
  }
  return winner;
}

function isAllowed(event: Pdu, state: StateMap, graph: EventGraph, version: RoomVersion): boolean {
  const get = (type: string, stateKey: string) => {
    const eventId = state.get(stateMapKey(type, stateKey));
    return eventId === undefined ? undefined : graph.find(eventId);
  };
  return authorize(event, { get }, version).kind === 'allowed';
}
