import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { EventGraph } from '../state-resolution/event-graph.ts';
import type { EventSource } from '../state-resolution/event-source.ts';
import { withRanks } from '../state-resolution/ranked-source.ts';

/** Events that have nothing but auth events, and themselves as state key. */
export function sourceOf(authEvents: ReadonlyMap<string, readonly string[]>): EventSource {
  const events = new Map(
    [...authEvents].map(([id, auth]) => [
      id as EventId,
      { type: 'x', state_key: id, auth_events: auth } as unknown as Pdu,
    ]),
  );
  return withRanks({ get: (eventId) => events.get(eventId) });
}

/** By one-letter names. */
export function graphOf(edges: Record<string, string>): EventGraph {
  return new EventGraph(
    sourceOf(new Map(Object.entries(edges).map(([id, auth]): [string, string[]] => [id, [...auth]]))),
  );
}

/** Each event rests on the one before. */
export function chainOf(length: number): { graph: EventGraph; top: EventId; bottom: EventId } {
  const edges = Array.from({ length }, (_, index): [string, string[]] => [
    `$${index}`,
    index === 0 ? [] : [`$${index - 1}`],
  ]);
  return {
    graph: new EventGraph(sourceOf(new Map(edges))),
    top: `$${length - 1}` as EventId,
    bottom: '$0' as EventId,
  };
}
