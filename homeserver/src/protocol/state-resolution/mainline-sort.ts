import type { EventId } from '../../../../matrix/identifiers.ts';
import type { EventGraph } from './event-source.ts';

/** The mainline ordering based on a power levels event; without one, by time and id alone. */
export function mainlineSort(
  eventIds: readonly EventId[],
  powerLevels: EventId | undefined,
  graph: EventGraph,
): EventId[] {
  const positions = new Map<EventId, number>();
  for (let id = powerLevels; id !== undefined && !positions.has(id); id = powerLevelsOf(id, graph)) {
    positions.set(id, positions.size);
  }
  return eventIds
    .map((eventId) => ({
      eventId,
      position: mainlinePosition(eventId, positions, graph),
      ts: graph.get(eventId).origin_server_ts,
    }))
    .sort((one, other) => {
      // The subtraction of two infinities is no number.
      if (one.position !== other.position) return one.position > other.position ? -1 : 1;
      if (one.ts !== other.ts) return one.ts - other.ts;
      return one.eventId < other.eventId ? -1 : 1;
    })
    .map(({ eventId }) => eventId);
}

/** Where the event's line of power levels meets the mainline; `Infinity` if nowhere. */
function mainlinePosition(
  eventId: EventId,
  positions: ReadonlyMap<EventId, number>,
  graph: EventGraph,
): number {
  // Ids that are no hashes (room version 2) could be made to refer to each other.
  const seen = new Set<EventId>();
  let id = powerLevelsOf(eventId, graph);
  for (; id !== undefined && !seen.has(id); id = powerLevelsOf(id, graph)) {
    const position = positions.get(id);
    if (position !== undefined) return position;
    seen.add(id);
  }
  return Number.POSITIVE_INFINITY;
}

function powerLevelsOf(eventId: EventId, graph: EventGraph): EventId | undefined {
  return graph.authEvents(eventId).find((authId) => {
    const event = graph.get(authId);
    return event.type === 'm.room.power_levels' && event.state_key === '';
  });
}
