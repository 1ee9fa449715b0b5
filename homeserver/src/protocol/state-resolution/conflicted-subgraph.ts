import type { EventId } from '../../../../matrix/identifiers.ts';
import { authChain, lowestRank } from './auth-chain.ts';
import type { EventGraph } from './event-graph.ts';

/**
 * Version 12: all events on paths of auth events from one conflicted event to another, ends included. No path
 * leads through an event of a lower rank than its end.
 */
export function conflictedSubgraph(conflictedIds: Iterable<EventId>, graph: EventGraph): Set<EventId> {
  const conflicted = [...conflictedIds];
  graph.learnRanks(conflicted);
  const below = authChain(conflicted, graph, lowestRank(conflicted, graph));
  const subgraph = new Set(conflicted);
  // From the lowest up: an event is decided after all that it rests on.
  for (const eventId of [...below].sort((one, other) => graph.rank(one) - graph.rank(other))) {
    if (graph.authEvents(eventId).some((authId) => subgraph.has(authId))) subgraph.add(eventId);
  }
  return subgraph;
}
