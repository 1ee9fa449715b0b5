import type { RoomVersion } from '../room-versions.ts';
import { EventGraph, type EventSource, type StateMap } from './event-source.ts';
import { resolveV1 } from './resolve-v1.ts';
import { resolveV2 } from './resolve-v2.ts';

/**
 * The state that several states make together, by the algorithm of the room version. It does not depend on
 * the order of the states.
 * @throws Error if the source lacks an event that the states disagree about
 */
export function resolveState(
  states: readonly StateMap[],
  source: EventSource,
  version: RoomVersion,
): StateMap {
  const [first, ...others] = states;
  if (!first) return new Map();
  if (others.every((other) => isSame(first, other))) return first;
  const graph = new EventGraph(source);
  switch (version.stateResolution) {
    case 'v1':
      return resolveV1(states, graph, version);
    case 'v2':
    case 'v2.1':
      return resolveV2(states, graph, version);
    default:
      return version.stateResolution satisfies never;
  }
}

function isSame(one: StateMap, other: StateMap): boolean {
  if (one === other) return true;
  return one.size === other.size && [...one].every(([key, eventId]) => other.get(key) === eventId);
}
