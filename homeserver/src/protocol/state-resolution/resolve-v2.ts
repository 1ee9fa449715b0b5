import type { EventId } from '../../../../matrix/identifiers.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import { authChain, authDifference, conflictedSubgraph } from './auth-chain.ts';
import type { EventGraph, StateMap } from './event-source.ts';
import { iterativeAuthChecks } from './iterative-auth-checks.ts';
import { mainlineSort } from './mainline-sort.ts';
import { isPowerEvent, powerSort } from './power-sort.ts';
import { splitConflicted } from './split-conflicted.ts';

/**
 * State resolution of room versions 2–11, and with 2.1 of version 12:
 * https://spec.matrix.org/v1.16/rooms/v12/#state-resolution
 *
 * 1. Order the power events of the full conflicted set, with what authorises them.
 * 2. Apply those that the rules allow: version 2 to the unconflicted state, 2.1 to an empty one.
 * 3. Order the remaining events by the mainline of the power levels found.
 * 4. Apply those that the rules allow.
 * 5. What was never in conflict stays.
 */
export function resolveV2(states: readonly StateMap[], graph: EventGraph, version: RoomVersion): StateMap {
  const { unconflicted, conflicted } = splitConflicted(states);
  const isV21 = version.stateResolution === 'v2.1';
  const full = new Set([...conflicted, ...authDifference(states, unconflicted, graph)]);
  if (isV21) for (const eventId of conflictedSubgraph(conflicted, graph)) full.add(eventId);

  const powerEvents = withAuthorisers(full, graph);
  const start: StateMap = isV21 ? new Map() : unconflicted;
  const partial = iterativeAuthChecks(start, powerSort(powerEvents, graph, version), graph, version);

  const remaining = [...full].filter((eventId) => !powerEvents.has(eventId));
  const powerLevels = partial.get(stateMapKey('m.room.power_levels', ''));
  const resolved = iterativeAuthChecks(partial, mainlineSort(remaining, powerLevels, graph), graph, version);

  return new Map([...resolved, ...unconflicted]);
}

/** The power events of the set, and their auth chains as far as they belong to it. */
function withAuthorisers(full: ReadonlySet<EventId>, graph: EventGraph): Set<EventId> {
  const power = [...full].filter((eventId) => isPowerEvent(graph.get(eventId)));
  return new Set([...power, ...[...authChain(power, graph)].filter((eventId) => full.has(eventId))]);
}
