import type { EventId } from '../../../../matrix/identifiers.ts';
import type { RoomVersion } from '../room-versions.ts';
import { EventGraph } from './event-graph.ts';
import type { EventSource, StateMap } from './event-source.ts';
import { resolveV1 } from './resolve-v1.ts';
import { resolveV2 } from './resolve-v2.ts';
import { type SharedState, StateLayer } from './shared-state.ts';
import { distinctStates, splitConflicted } from './split-conflicted.ts';

/**
 * The state that several states make together, by the algorithm of the room version. It does not depend on the
 * order of the states.
 * @param states what each has for the keys about which they differ
 * @returns the keys that are not shared
 * @throws Error if the source lacks an event that the states disagree about
 */
export function resolveDifferences(
  states: readonly StateMap[],
  shared: SharedState,
  source: EventSource,
  version: RoomVersion,
): StateMap {
  const [first, ...others] = distinctStates(states);
  if (!first) return new Map();
  if (others.length === 0) return first;
  const { unconflicted, conflicted } = splitConflicted([first, ...others]);
  const base = unconflicted.size === 0 ? shared : new StateLayer(shared, unconflicted);
  const graph = new EventGraph(source);
  const resolve = version.stateResolution === 'v1' ? resolveV1 : resolveV2;
  const resolved = resolve(conflicted, base, graph, version);
  return new Map([...unconflicted, ...withoutShared(resolved, base, graph)]);
}

/** Events of the auth difference can be of keys about which the states agree. */
function withoutShared(
  resolved: ReadonlyMap<string, EventId>,
  shared: SharedState,
  graph: EventGraph,
): [string, EventId][] {
  return [...resolved].filter(([, eventId]) => {
    const { type, state_key: stateKey = '' } = graph.get(eventId);
    return shared.get(type, stateKey) === undefined;
  });
}
