import type { EventId } from '../../../../matrix/identifiers.ts';
import type { StateMap } from './event-source.ts';

/** Unconflicted: the keys that all states have, with the same event. All other events are in conflict. */
export function splitConflicted(states: readonly StateMap[]): {
  unconflicted: StateMap;
  conflicted: Set<EventId>;
} {
  const unconflicted = new Map<string, EventId>();
  const conflicted = new Set<EventId>();
  for (const state of states) {
    for (const [key, eventId] of state) {
      if (unconflicted.has(key)) continue;
      if (states.every((other) => other.get(key) === eventId)) unconflicted.set(key, eventId);
      else conflicted.add(eventId);
    }
  }
  return { unconflicted, conflicted };
}
