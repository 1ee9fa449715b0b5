import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';

/**
 * Where state resolution finds events. Synchronous: what it may need is fetched before. Events are asked for
 * as late and as seldom as possible, each once in a resolution.
 */
export interface EventSource {
  get(eventId: EventId): Pdu | undefined;
  /**
   * The ranks of those of the events that are there: numbers of which each is greater than the ranks of all the
   * event's own auth events. This server's own, unlike `depth`; they bound how far down a chain is followed.
   */
  ranks(eventIds: readonly EventId[]): ReadonlyMap<EventId, number>;
  /** Refused by the checks on receipt; absent: none is. */
  isRejected?(eventId: EventId): boolean;
  /** A hint that `get` and `isRejected` will be asked for many of these: a database reads them at once. */
  prefetch?(eventIds: readonly EventId[]): void;
}

/** A state, by `stateMapKey` of type and state key. */
export type StateMap = ReadonlyMap<string, EventId>;
