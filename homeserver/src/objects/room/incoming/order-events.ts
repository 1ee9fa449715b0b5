import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { IncomingEvent } from './incoming-event.ts';

/**
 * The ids in an order in which each comes after those of them that it refers to. Without recursion, whatever their
 * number; ids that are no hashes could be made to refer to each other, and then come in some order.
 */
export function inOrder(references: ReadonlyMap<EventId, readonly EventId[]>): EventId[] {
  const entered = new Set<EventId>();
  const ordered = new Set<EventId>();
  const open = [...references.keys()];
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const before = entered.has(id)
      ? []
      : (references.get(id) ?? []).filter((other) => references.has(other) && !entered.has(other));
    entered.add(id);
    if (before.length > 0) open.push(...before);
    else {
      ordered.add(id);
      open.pop();
    }
  }
  return [...ordered];
}

/** Of what was read the events, each once and after those of the list that it refers to. */
export function eventsInOrder(
  read: readonly (IncomingEvent | { kind: 'malformed' })[],
  referencesOf: (pdu: IncomingEvent['pdu']) => EventId[],
): IncomingEvent[] {
  const events = new Map(
    read.flatMap((incoming) => (incoming.kind === 'event' ? [[incoming.eventId, incoming] as const] : [])),
  );
  const references = new Map([...events].map(([eventId, { pdu }]) => [eventId, referencesOf(pdu)]));
  return inOrder(references).flatMap((eventId) => events.get(eventId) ?? []);
}
