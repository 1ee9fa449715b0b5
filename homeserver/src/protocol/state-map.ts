import type { Pdu } from './pdu.ts';

/** One string for a key of the state. Unambiguous for any type, which may hold whatever a separator would be. */
export function stateMapKey(type: string, stateKey: string): string {
  return `${type.length} ${type}${stateKey}`;
}

/** The state that a list of events makes; later events replace earlier ones, messages are passed over. */
export function stateOf(events: Iterable<Pdu>): { get(type: string, stateKey: string): Pdu | undefined } {
  const state = new Map<string, Pdu>();
  for (const event of events) {
    if (event.state_key !== undefined) state.set(stateMapKey(event.type, event.state_key), event);
  }
  return { get: (type, stateKey) => state.get(stateMapKey(type, stateKey)) };
}
