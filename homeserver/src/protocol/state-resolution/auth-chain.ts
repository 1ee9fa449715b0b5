import type { EventId } from '../../../../matrix/identifiers.ts';
import type { EventGraph } from './event-graph.ts';

/**
 * What the events rest on, all the way down; they themselves only if another rests on them.
 * @param floor no event of a lower rank is looked at
 */
export function authChain(eventIds: Iterable<EventId>, graph: EventGraph, floor = 0): Set<EventId> {
  const chain = new Set<EventId>();
  let edge = [...eventIds];
  while (edge.length > 0) {
    graph.open(edge);
    const below: EventId[] = [];
    for (const eventId of edge) {
      for (const authId of graph.authEvents(eventId)) {
        const rank = graph.rank(authId);
        if (rank < floor || chain.has(authId)) continue;
        chain.add(authId);
        if (rank > floor) below.push(authId);
      }
    }
    edge = below;
  }
  return chain;
}

/** The lowest rank among the events; `Infinity` without any. */
export function lowestRank(eventIds: Iterable<EventId>, graph: EventGraph): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const eventId of eventIds) lowest = Math.min(lowest, graph.rank(eventId));
  return lowest;
}
