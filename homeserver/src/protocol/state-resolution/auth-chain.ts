import type { EventId } from '../../../../matrix/identifiers.ts';
import type { EventGraph, StateMap } from './event-source.ts';

/** What the events rest on, all the way down; they themselves only if another rests on them. */
export function authChain(eventIds: Iterable<EventId>, graph: EventGraph): Set<EventId> {
  const chain = new Set<EventId>();
  const open = [...eventIds];
  for (let eventId = open.pop(); eventId !== undefined; eventId = open.pop()) {
    for (const authId of graph.authEvents(eventId)) {
      if (chain.has(authId)) continue;
      chain.add(authId);
      open.push(authId);
    }
  }
  return chain;
}

/**
 * Events in the full auth chain of some states but not of all. As in other servers, a state's chain includes
 * its own events. The chain of what the states share, the longest by far, is common to all: it is walked only
 * if there are candidates to take out.
 */
export function authDifference(
  states: readonly StateMap[],
  unconflicted: StateMap,
  graph: EventGraph,
): Set<EventId> {
  const chains = states.map((state) => {
    const own = [...state].filter(([key]) => !unconflicted.has(key)).map(([, eventId]) => eventId);
    return new Set([...own, ...authChain(own, graph)]);
  });
  const difference = new Set<EventId>();
  for (const eventId of new Set(chains.flatMap((chain) => [...chain]))) {
    if (!chains.every((chain) => chain.has(eventId))) difference.add(eventId);
  }
  if (difference.size === 0) return difference;
  const shared = [...unconflicted.values()];
  for (const eventId of [...shared, ...authChain(shared, graph)]) difference.delete(eventId);
  return difference;
}

/** Version 12: all events on paths of auth events from one conflicted event to another, ends included. */
export function conflictedSubgraph(conflicted: ReadonlySet<EventId>, graph: EventGraph): Set<EventId> {
  const leadsToConflict = new Map<EventId, boolean>();
  // Depth first with a list instead of recursion: an event is decided after all its auth events are.
  const open: { eventId: EventId; authIds: EventId[]; next: number }[] = [];
  const enter = (eventId: EventId) => {
    leadsToConflict.set(eventId, conflicted.has(eventId));
    open.push({ eventId, authIds: graph.authEvents(eventId), next: 0 });
  };
  for (const start of conflicted) {
    if (!leadsToConflict.has(start)) enter(start);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const authId = top.authIds[top.next];
      if (authId === undefined) {
        if (top.authIds.some((id) => leadsToConflict.get(id))) leadsToConflict.set(top.eventId, true);
        open.pop();
      } else {
        top.next += 1;
        if (!leadsToConflict.has(authId)) enter(authId);
      }
    }
  }
  return new Set([...leadsToConflict].filter(([, leads]) => leads).map(([eventId]) => eventId));
}
