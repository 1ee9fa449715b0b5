import type { EventId } from '../../../../matrix/identifiers.ts';
import { stateMapKey } from '../state-map.ts';

/** What several states have in common. It may be large: it is asked, never copied. */
export interface SharedState {
  get(type: string, stateKey: string): EventId | undefined;
  /** Needed seldom: where a chain that one state alone has goes below what the states share. */
  eventIds(): Iterable<EventId>;
}

export const emptyState: SharedState = { get: () => undefined, eventIds: () => [] };

/** A state that is being made on top of another, which stays as it is. */
export class StateLayer implements SharedState {
  readonly #base: SharedState;
  readonly #fromBase = new Map<string, EventId | undefined>();
  /** What the layer has, by `stateMapKey`. */
  readonly own = new Map<string, EventId>();

  constructor(base: SharedState, own: Iterable<[string, EventId]> = []) {
    this.#base = base;
    for (const [key, eventId] of own) this.own.set(key, eventId);
  }

  get(type: string, stateKey: string): EventId | undefined {
    const key = stateMapKey(type, stateKey);
    const own = this.own.get(key);
    if (own !== undefined) return own;
    const known = this.#fromBase.get(key);
    if (known !== undefined || this.#fromBase.has(key)) return known;
    const below = this.#base.get(type, stateKey);
    this.#fromBase.set(key, below);
    return below;
  }

  set(type: string, stateKey: string, eventId: EventId): void {
    this.own.set(stateMapKey(type, stateKey), eventId);
  }

  /** Also those of the base that the layer has replaced. */
  *eventIds(): Iterable<EventId> {
    yield* this.own.values();
    yield* this.#base.eventIds();
  }
}
