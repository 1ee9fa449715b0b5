import type { EventId } from '../../../../matrix/identifiers.ts';
import { authEventIds, type Pdu } from '../pdu.ts';
import { stateMapKey } from '../state-map.ts';
import type { EventSource } from './event-source.ts';

/** The events of one resolution, and what has been found out about them: nothing is asked twice. */
export class EventGraph {
  readonly #source: EventSource;
  readonly #events = new Map<EventId, Pdu | undefined>();
  readonly #ranks = new Map<EventId, number | undefined>();
  readonly #authEvents = new Map<EventId, readonly EventId[]>();
  readonly #authorities = new Map<EventId, ReadonlyMap<string, Pdu>>();
  readonly #powerLevels = new Map<EventId, EventId | undefined>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  find(eventId: EventId): Pdu | undefined {
    const known = this.#events.get(eventId);
    if (known || this.#events.has(eventId)) return known;
    const event = this.#source.get(eventId);
    this.#events.set(eventId, event);
    return event;
  }

  /** @throws Error if it is not there: a state must not be resolved without one of its events */
  get(eventId: EventId): Pdu {
    return this.find(eventId) ?? lacks(eventId);
  }

  /** Unless it was rejected: such an event lends no authority. */
  findUsable(eventId: EventId): Pdu | undefined {
    const event = this.find(eventId);
    return event && this.#source.isRejected?.(eventId) ? undefined : event;
  }

  isOpen(eventId: EventId): boolean {
    return this.#events.has(eventId);
  }

  /** Reads these events, and the ranks of what they rest on, each in one go. */
  open(eventIds: Iterable<EventId>): void {
    const unread = [...eventIds].filter((eventId) => !this.#events.has(eventId));
    if (unread.length === 0) return;
    if (unread.length > 1) this.#source.prefetch?.(unread);
    this.learnRanks(new Set(unread.flatMap((eventId) => authIdsOf(this.find(eventId)))));
  }

  /** Asks for the ranks of all of them that are not known yet. */
  learnRanks(eventIds: Iterable<EventId>): void {
    const unknown = [...eventIds].filter((eventId) => !this.#ranks.has(eventId));
    if (unknown.length === 0) return;
    const ranks = this.#source.ranks(unknown);
    for (const eventId of unknown) this.#ranks.set(eventId, ranks.get(eventId));
  }

  /** Undefined if the event is missing. */
  findRank(eventId: EventId): number | undefined {
    if (!this.#ranks.has(eventId)) this.learnRanks([eventId]);
    return this.#ranks.get(eventId);
  }

  /** @throws Error if the event is not there */
  rank(eventId: EventId): number {
    return this.findRank(eventId) ?? lacks(eventId);
  }

  /** Ids of the auth events that are there; none of an event that is missing itself. */
  authEvents(eventId: EventId): readonly EventId[] {
    const known = this.#authEvents.get(eventId);
    if (known) return known;
    const named = authIdsOf(this.find(eventId));
    this.learnRanks(named);
    const present = named.filter((authId) => this.#ranks.get(authId) !== undefined);
    this.#authEvents.set(eventId, present);
    return present;
  }

  /** The event's own auth events that were not rejected, by `stateMapKey`. */
  authorities(eventId: EventId): ReadonlyMap<string, Pdu> {
    const known = this.#authorities.get(eventId);
    if (known) return known;
    const authorities = new Map<string, Pdu>();
    for (const authId of this.authEvents(eventId)) {
      const event = this.findUsable(authId);
      if (event?.state_key !== undefined) authorities.set(stateMapKey(event.type, event.state_key), event);
    }
    this.#authorities.set(eventId, authorities);
    return authorities;
  }

  /** The power levels event among its auth events. */
  powerLevelsOf(eventId: EventId): EventId | undefined {
    if (this.#powerLevels.has(eventId)) return this.#powerLevels.get(eventId);
    const powerLevels = this.authEvents(eventId).find((authId) => {
      const event = this.get(authId);
      return event.type === 'm.room.power_levels' && event.state_key === '';
    });
    this.#powerLevels.set(eventId, powerLevels);
    return powerLevels;
  }
}

function authIdsOf(event: Pdu | undefined): EventId[] {
  return event ? authEventIds(event) : [];
}

function lacks(eventId: EventId): never {
  throw new Error(`state resolution lacks ${eventId}`);
}
