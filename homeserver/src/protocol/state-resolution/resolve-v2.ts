import type { EventId } from '../../../../matrix/identifiers.ts';
import type { RoomVersion } from '../room-versions.ts';
import { conflictedSubgraph } from './conflicted-subgraph.ts';
import type { EventGraph } from './event-graph.ts';
import { fullConflictedSet } from './full-conflicted-set.ts';
import { iterativeAuthChecks } from './iterative-auth-checks.ts';
import { mainlineSort } from './mainline-sort.ts';
import { isPowerEvent, powerSort } from './power-sort.ts';
import { emptyState, type SharedState, StateLayer } from './shared-state.ts';
import type { StateSet } from './state-set.ts';

/**
 * State resolution of room versions 2–11, and with 2.1 of version 12:
 * https://spec.matrix.org/v1.16/rooms/v12/#state-resolution
 *
 * 1. Order the power events of the full conflicted set, with what authorises them.
 * 2. Apply those that the rules allow: version 2 to the unconflicted state, 2.1 to an empty one.
 * 3. Order the remaining events by the mainline of the power levels found.
 * 4. Apply those that the rules allow.
 * 5. What was never in conflict stays (the caller's part).
 */
export function resolveV2(
  conflicted: ReadonlyMap<EventId, StateSet>,
  unconflicted: SharedState,
  graph: EventGraph,
  version: RoomVersion,
): ReadonlyMap<string, EventId> {
  const isV21 = version.stateResolution === 'v2.1';
  const full = fullConflictedSet(conflicted, unconflicted, graph);
  if (isV21) for (const eventId of conflictedSubgraph(conflicted.keys(), graph)) full.add(eventId);
  graph.open(full);

  const powerEvents = withAuthorisers(full, graph);
  const state = new StateLayer(isV21 ? emptyState : unconflicted);
  iterativeAuthChecks(state, powerSort(powerEvents, graph, version), graph, version);

  const remaining = [...full].filter((eventId) => !powerEvents.has(eventId));
  const powerLevels = state.get('m.room.power_levels', '');
  iterativeAuthChecks(state, mainlineSort(remaining, powerLevels, graph), graph, version);
  return state.own;
}

/**
 * The power events of the set, and those of it that authorise them. As in other servers, a chain is followed only
 * as long as it stays in the set. To the letter, the specification also wants what comes back into it further
 * down; who does that alone is alone with the outcome. In 2.1 the set has no such gaps.
 */
function withAuthorisers(full: ReadonlySet<EventId>, graph: EventGraph): Set<EventId> {
  // Grows while it is walked.
  const taken = new Set([...full].filter((eventId) => isPowerEvent(graph.get(eventId))));
  for (const eventId of taken) {
    for (const authId of graph.authEvents(eventId)) if (full.has(authId)) taken.add(authId);
  }
  return taken;
}
