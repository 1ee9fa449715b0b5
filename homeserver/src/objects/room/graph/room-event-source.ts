import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import type { EventSource } from '../../../protocol/state-resolution/event-source.ts';
import {
  eventAt,
  eventById,
  eventsAt,
  eventsById,
  ranksOf,
  type StoredEvent,
} from '../../../storage/room/events.ts';
import type { Room } from '../room.ts';

/** The events of a room for one state resolution, each read once. */
export class RoomEventSource implements EventSource {
  readonly #room: Room;
  readonly #byId = new Map<string, StoredEvent | undefined>();
  readonly #byPosition = new Map<number, StoredEvent>();

  constructor(room: Room) {
    this.#room = room;
  }

  get(eventId: EventId): Pdu | undefined {
    return this.find(eventId)?.pdu;
  }

  ranks(eventIds: readonly EventId[]): ReadonlyMap<EventId, number> {
    return ranksOf(this.#room.sqlite, eventIds);
  }

  isRejected(eventId: EventId): boolean {
    return this.find(eventId)?.verdict === 'rejected';
  }

  prefetch(eventIds: readonly EventId[]): void {
    const wanted = eventIds.filter((eventId) => !this.#byId.has(eventId));
    if (wanted.length > 0) for (const event of eventsById(this.#room.sqlite, wanted)) this.#keep(event);
  }

  /** Reads the events at these positions at once. */
  load(positions: Iterable<number | undefined>): void {
    const wanted = [...new Set(positions)].filter(
      (position) => position !== undefined && !this.#byPosition.has(position),
    );
    if (wanted.length === 0) return;
    for (const event of eventsAt(this.#room.sqlite, wanted as number[])) this.#keep(event);
  }

  /** @throws Error if no event is there */
  idAt(position: number): EventId {
    const event = this.#byPosition.get(position) ?? this.#keep(eventAt(this.#room.sqlite, position));
    if (!event) throw new Error(`no event at ${position}`);
    return event.eventId;
  }

  positionOf(eventId: EventId): number | undefined {
    return this.find(eventId)?.position;
  }

  find(eventId: EventId): StoredEvent | undefined {
    if (this.#byId.has(eventId)) return this.#byId.get(eventId);
    const event = eventById(this.#room.sqlite, eventId);
    if (event) return this.#keep(event);
    this.#byId.set(eventId, undefined);
    return undefined;
  }

  /** The event was stored meanwhile. */
  forget(eventId: EventId): void {
    this.#byId.delete(eventId);
  }

  #keep(event: StoredEvent | undefined): StoredEvent | undefined {
    if (!event) return undefined;
    this.#byId.set(event.eventId, event);
    this.#byPosition.set(event.position, event);
    return event;
  }
}
