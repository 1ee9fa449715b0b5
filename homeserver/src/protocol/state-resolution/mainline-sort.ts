import type { EventId } from '../../../../matrix/identifiers.ts';
import type { EventGraph } from './event-graph.ts';

/** The mainline ordering based on a power levels event; without one, by time and id alone. */
export function mainlineSort(
  eventIds: readonly EventId[],
  powerLevels: EventId | undefined,
  graph: EventGraph,
): EventId[] {
  const mainline = new Mainline(powerLevels, graph);
  return eventIds
    .map((eventId) => ({
      eventId,
      position: mainline.positionOf(eventId),
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

/** The line of power levels down from one of them, followed only as far as it is asked about. */
class Mainline {
  readonly #graph: EventGraph;
  /** Of the events on the line; of other power levels, where their own line meets it; `Infinity` if nowhere. */
  readonly #positions = new Map<EventId, number>();
  #length = 0;
  /** The next event of the line. */
  #next: EventId | undefined;

  constructor(powerLevels: EventId | undefined, graph: EventGraph) {
    this.#next = powerLevels;
    this.#graph = graph;
  }

  positionOf(eventId: EventId): number {
    const passed: EventId[] = [];
    let id = this.#graph.powerLevelsOf(eventId);
    let position: number | undefined;
    while (id !== undefined && position === undefined) {
      position = this.#known(id);
      passed.push(id);
      id = this.#graph.powerLevelsOf(id);
    }
    position ??= Number.POSITIVE_INFINITY;
    for (const each of passed) this.#positions.set(each, position);
    return position;
  }

  #known(powerLevels: EventId): number | undefined {
    const rank = this.#graph.rank(powerLevels);
    while (this.#next !== undefined && this.#graph.rank(this.#next) >= rank) {
      this.#positions.set(this.#next, this.#length);
      this.#length += 1;
      this.#next = this.#graph.powerLevelsOf(this.#next);
    }
    return this.#positions.get(powerLevels);
  }
}
