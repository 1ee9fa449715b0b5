import type { EventId, RoomId, ServerName } from '../../../../matrix/identifiers.ts';
import type { ReceivedEvent } from '../../objects/room-rpc.ts';
import type { RoomVersion } from '../../protocol/room-versions.ts';
import { type Asking, askAuthChain, askMissingEvents } from '../ask-server.ts';
import type { FederationParts } from '../federation-parts.ts';
import { bringState } from './bring-state.ts';
import { receiveWithPolicy } from './receive-with-policy.ts';
import { type SoundEvent, soundEvents } from './sound-events.ts';

/** Events between ours and those that came that are asked for. */
const maxBetween = 100;
/** For all that is missing before what one transaction has of one room. */
const budgetMs = 40_000;
/** Events at the far side of a gap whose state is asked for. */
const maxStates = 5;

/**
 * Completes events that cannot be judged yet: what is between them and ours is fetched; if that is too much, the state
 * before them, and the room then has a gap there. See server-server API, "Retrieving missing events".
 */
export class FetchMissing {
  readonly #parts: FederationParts;
  readonly #asking: Asking;
  readonly #roomId: RoomId;
  readonly #version: RoomVersion;
  readonly #endMs = Date.now() + budgetMs;
  readonly #known = new Map<EventId, SoundEvent>();
  /** What no server can take: nor what follows on it. */
  readonly #refused = new Set<EventId>();
  readonly #results = new Map<EventId, ReceivedEvent>();

  constructor(parts: FederationParts, server: ServerName, roomId: RoomId, version: RoomVersion) {
    this.#parts = parts;
    this.#roomId = roomId;
    this.#version = version;
    this.#asking = { env: parts.env, server, roomId, version };
  }

  /**
   * @param received what each of the events lacks
   * @returns what became of the events, and of others that were fetched for them
   */
  async complete(
    events: readonly SoundEvent[],
    received: ReadonlyMap<EventId, ReceivedEvent>,
  ): Promise<ReadonlyMap<EventId, ReceivedEvent>> {
    for (const event of events) this.#known.set(event.eventId, event);
    for (const [eventId, result] of received) this.#results.set(eventId, result);
    const lacksBefore = this.#missing().some(({ prevEvents }) =>
      prevEvents.some((id) => !this.#known.has(id)),
    );
    if (lacksBefore && !(await this.#fetchBetween(events))) return this.#results;
    await this.#bringAuthEvents();
    await this.#bringStates();
    return this.#results;
  }

  /** @returns false if the other server makes no sense */
  async #fetchBetween(events: readonly SoundEvent[]): Promise<boolean> {
    const earliest = await this.#parts.stubs.room(this.#roomId).extremities();
    const latest = events.map(({ eventId }) => eventId);
    const between = await askMissingEvents(this.#asking, { latest, earliest, limit: maxBetween });
    if (!between) return false;
    const { sound, refused } = await soundEvents(this.#parts.env, this.#version, this.#roomId, between);
    for (const eventId of refused.keys()) this.#refused.add(eventId);
    for (const event of sound) this.#known.set(event.eventId, event);
    await this.#receive();
    return true;
  }

  /** Auth events that the room lacks: each event's own, since few lack any. */
  async #bringAuthEvents(): Promise<void> {
    for (const { eventId, others } of this.#missing()) {
      if (others.length === 0 || this.#isLate()) continue;
      const chain = await askAuthChain(this.#asking, eventId);
      const { sound } = await soundEvents(this.#parts.env, this.#version, this.#roomId, chain);
      await this.#parts.stubs.room(this.#roomId).receiveOutliers(sound.map(({ pdu }) => ({ ...pdu })));
      await this.#receive();
    }
  }

  /** The far side of the gap: events before which nothing is known that was fetched. */
  async #bringStates(): Promise<void> {
    for (let round = 0; round < maxStates && !this.#isLate(); round++) {
      const far = this.#missing().find(({ prevEvents }) =>
        prevEvents.every((id) => !this.#known.has(id) && !this.#refused.has(id)),
      );
      if (!far) return;
      const state = await bringState(this.#parts, this.#asking, far.eventId);
      if (!state) return;
      await this.#receive({ [far.eventId]: state });
    }
  }

  #missing(): Extract<ReceivedEvent, { kind: 'missing' }>[] {
    return [...this.#results.values()].filter((result) => result.kind === 'missing');
  }

  async #receive(statesBefore: Record<EventId, EventId[]> = {}): Promise<void> {
    const open = [...this.#known.values()].filter(({ eventId }) => {
      const kind = this.#results.get(eventId)?.kind;
      return kind === undefined || kind === 'missing';
    });
    const { server } = this.#asking;
    const received = await receiveWithPolicy(
      this.#parts,
      server,
      this.#roomId,
      this.#version,
      open,
      statesBefore,
    );
    if (!Array.isArray(received)) return;
    for (const [index, { eventId }] of open.entries()) {
      const result = received[index];
      if (result) this.#results.set(eventId, result);
    }
  }

  #isLate(): boolean {
    return Date.now() > this.#endMs;
  }
}
