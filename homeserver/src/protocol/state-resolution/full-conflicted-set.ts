import type { EventId } from '../../../../matrix/identifiers.ts';
import { authChain, lowestRank } from './auth-chain.ts';
import type { EventGraph } from './event-graph.ts';
import { Heap } from './heap.ts';
import type { SharedState } from './shared-state.ts';
import type { StateSet } from './state-set.ts';

/**
 * The conflicted events and the auth difference: those in the full auth chain of some states but not of all. As
 * in other servers, a state's chain includes its own events.
 * @param conflicted with the states that have each
 */
export function fullConflictedSet(
  conflicted: ReadonlyMap<EventId, StateSet>,
  shared: SharedState,
  graph: EventGraph,
): Set<EventId> {
  const full = new Set(conflicted.keys());
  const difference = [...reachedBySome(conflicted, shared, graph)].filter((eventId) => !full.has(eventId));
  if (difference.length === 0) return full;
  // Some of it may lie under a shared event that no conflicted one rests on.
  const sharedIds = [...shared.eventIds()];
  graph.learnRanks(sharedIds);
  const floor = lowestRank(difference, graph);
  const above = sharedIds.filter((eventId) => (graph.findRank(eventId) ?? 0) > floor);
  const underShared = authChain(above, graph, floor);
  for (const eventId of difference) if (!underShared.has(eventId)) full.add(eventId);
  return full;
}

interface Reached {
  eventId: EventId;
  rank: number;
  /** The states whose chains have the event. */
  by: StateSet;
}

/**
 * The chains of the conflicted events, followed down until they have met, without what all states have. Exact:
 * an event is taken after all of a higher rank, thus after all that rest on it, and then its set is final; and
 * once all that is queued is reached by all states, so is whatever comes below.
 */
function* reachedBySome(
  conflicted: ReadonlyMap<EventId, StateSet>,
  shared: SharedState,
  graph: EventGraph,
): Iterable<EventId> {
  const reached = new Map<EventId, Reached>();
  const queue = new Heap<Reached>((one, other) => one.rank > other.rank);
  /** Of the queue, those that are not reached by all states yet. */
  const apart = new Set<EventId>();
  const reach = (eventId: EventId, by: StateSet) => {
    const known = reached.get(eventId);
    if (known) {
      known.by.add(by);
      if (known.by.isAll) apart.delete(eventId);
      return;
    }
    const added = { eventId, rank: graph.rank(eventId), by: by.copy() };
    reached.set(eventId, added);
    queue.push(added);
    if (!by.isAll) apart.add(eventId);
  };
  graph.learnRanks(conflicted.keys());
  for (const [eventId, states] of conflicted) reach(eventId, states);

  for (let next = queue.pop(); next && apart.size > 0; next = queue.pop()) {
    if (!graph.isOpen(next.eventId)) graph.open([next.eventId, ...apart]);
    if (apart.delete(next.eventId)) {
      if (isIn(shared, next.eventId, graph)) next.by.addAll();
      else yield next.eventId;
    }
    for (const authId of graph.authEvents(next.eventId)) reach(authId, next.by);
  }
}

function isIn(state: SharedState, eventId: EventId, graph: EventGraph): boolean {
  const { type, state_key: stateKey } = graph.get(eventId);
  return stateKey !== undefined && state.get(type, stateKey) === eventId;
}
