import type { EventId } from '../../../../matrix/identifiers.ts';
import type { StateMap } from './event-source.ts';
import { StateSet } from './state-set.ts';

/** Of states that are compared. */
export interface SplitStates {
  /** The keys that all states have, with the same event. */
  unconflicted: StateMap;
  /** All other events, with the states that have them. */
  conflicted: ReadonlyMap<EventId, StateSet>;
}

export function splitConflicted(states: readonly StateMap[]): SplitStates {
  const [first, ...others] = states;
  const unconflicted = new Map(first);
  for (const other of others) {
    for (const [key, eventId] of unconflicted) {
      if (other.get(key) !== eventId) unconflicted.delete(key);
    }
  }
  const conflicted = new Map<EventId, StateSet>();
  for (const [number, state] of states.entries()) {
    for (const [key, eventId] of state) {
      if (unconflicted.has(key)) continue;
      const holders = conflicted.get(eventId) ?? new StateSet(states.length);
      holders.addState(number);
      conflicted.set(eventId, holders);
    }
  }
  return { unconflicted, conflicted };
}

/** Each of the states once, whatever number of heads of the graph has it. */
export function distinctStates(states: readonly StateMap[]): StateMap[] {
  const bySum = new Map<string, StateMap[]>();
  const numbers = new Map<EventId, number>();
  for (const state of new Set(states)) {
    const sum = sumOf(state, numbers);
    const alike = bySum.get(sum) ?? [];
    if (!alike.some((other) => isSame(state, other))) bySum.set(sum, [...alike, state]);
  }
  return [...bySum.values()].flat();
}

/** Equal for equal states, and as good as never for others: whom the server compares does not choose it. */
function sumOf(state: StateMap, numbers: Map<EventId, number>): string {
  let [low, high] = [0, 0];
  for (const eventId of state.values()) {
    const number = numbers.get(eventId) ?? numbers.size + 1;
    numbers.set(eventId, number);
    const mixed = Math.imul(number, 0x9e3779b1);
    low = (low + (mixed ^ (mixed >>> 15))) | 0;
    high = (high + Math.imul(mixed ^ (mixed >>> 13), 0x85ebca6b)) | 0;
  }
  return `${state.size} ${low} ${high}`;
}

function isSame(one: StateMap, other: StateMap): boolean {
  if (one.size !== other.size) return false;
  for (const [key, eventId] of one) if (other.get(key) !== eventId) return false;
  return true;
}
