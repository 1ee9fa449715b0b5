import type { EventId } from '../../../../matrix/identifiers.ts';
import { authEventIds, type Pdu } from '../pdu.ts';

/** Where state resolution finds events. Synchronous: what it may need is fetched before. */
export interface EventSource {
  get(eventId: EventId): Pdu | undefined;
  /** Refused by the checks on receipt; absent: none is. */
  isRejected?(eventId: EventId): boolean;
}

/** A state, by `stateMapKey` of type and state key. */
export type StateMap = ReadonlyMap<string, EventId>;

/** The events of one resolution, each read once. */
export class EventGraph {
  readonly #source: EventSource;
  readonly #events = new Map<EventId, Pdu | undefined>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  find(eventId: EventId): Pdu | undefined {
    if (!this.#events.has(eventId)) this.#events.set(eventId, this.#source.get(eventId));
    return this.#events.get(eventId);
  }

  /** @throws Error if it is not there: a state must not be resolved without one of its events */
  get(eventId: EventId): Pdu {
    const event = this.find(eventId);
    if (!event) throw new Error(`state resolution lacks ${eventId}`);
    return event;
  }

  /** Ids of the auth events that are there; none of an event that is missing itself. */
  authEvents(eventId: EventId): EventId[] {
    const event = this.find(eventId);
    return event ? this.authEventsOf(event) : [];
  }

  authEventsOf(event: Pdu): EventId[] {
    return authEventIds(event).filter((authId) => this.find(authId) !== undefined);
  }

  isRejected(eventId: EventId): boolean {
    return this.#source.isRejected?.(eventId) ?? false;
  }
}
