import type { EventId } from '../../../../matrix/identifiers.ts';
import type { IncomingEvent } from './incoming-event.ts';

/**
 * Each event once, after those of the list that it refers to. Without recursion, whatever their number; ids that are
 * no hashes could be made to refer to each other, and then come in some order.
 */
export function inOrder(
  events: readonly IncomingEvent[],
  referencesOf: (pdu: IncomingEvent['pdu']) => EventId[],
): IncomingEvent[] {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  const entered = new Set<EventId>();
  const ordered = new Set<IncomingEvent>();
  const open = [...byId.keys()];
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const event = byId.get(id);
    const before =
      event && !entered.has(id)
        ? referencesOf(event.pdu).filter((other) => byId.has(other) && !entered.has(other))
        : [];
    entered.add(id);
    if (before.length > 0) open.push(...before);
    else {
      if (event) ordered.add(event);
      open.pop();
    }
  }
  return [...ordered];
}
