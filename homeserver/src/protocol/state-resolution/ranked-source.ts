import type { EventId } from '../../../../matrix/identifiers.ts';
import { authEventIds, type Pdu } from '../pdu.ts';
import type { EventSource } from './event-source.ts';

/** A source for events in memory: their ranks are found when asked for, and kept. */
export function withRanks(events: Omit<EventSource, 'ranks'>): EventSource {
  const known = new Map<EventId, number>();
  return {
    ...events,
    ranks(eventIds) {
      const ranks = new Map<EventId, number>();
      for (const eventId of eventIds) {
        const rank = rankOf(eventId, known, events.get);
        if (rank !== undefined) ranks.set(eventId, rank);
      }
      return ranks;
    },
  };
}

/** Depth first with a list instead of recursion: an event gets its rank after all its auth events have theirs. */
function rankOf(
  eventId: EventId,
  known: Map<EventId, number>,
  get: (eventId: EventId) => Pdu | undefined,
): number | undefined {
  const open: EventId[] = known.has(eventId) ? [] : [eventId];
  const entered = new Set<EventId>();
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const event = known.has(top) ? undefined : get(top);
    const authIds = event ? authEventIds(event) : [];
    if (event && !entered.has(top)) {
      entered.add(top);
      // An id that is no hash could be made to lead back here: such a reference is passed over.
      for (const authId of authIds) if (!entered.has(authId)) open.push(authId);
    } else {
      if (event) known.set(top, 1 + Math.max(0, ...authIds.map((authId) => known.get(authId) ?? 0)));
      open.pop();
    }
  }
  return known.get(eventId);
}
