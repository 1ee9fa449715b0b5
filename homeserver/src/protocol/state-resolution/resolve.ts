import type { RoomVersion } from '../room-versions.ts';
import type { EventSource, StateMap } from './event-source.ts';
import { resolveDifferences } from './resolve-differences.ts';
import { emptyState } from './shared-state.ts';

/**
 * As `resolveDifferences`, for states that are whole.
 * @throws Error if the source lacks an event that the states disagree about
 */
export function resolveState(
  states: readonly StateMap[],
  source: EventSource,
  version: RoomVersion,
): StateMap {
  return resolveDifferences(states, emptyState, source, version);
}
