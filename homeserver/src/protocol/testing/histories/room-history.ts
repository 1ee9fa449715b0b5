import type { EventId } from '../../../../../matrix/identifiers.ts';
import { checkAuthEvents } from '../../auth-rules/auth-events.ts';
import { authTypesFor } from '../../auth-rules/auth-types.ts';
import { type AuthState, authorize } from '../../auth-rules/authorize.ts';
import { eventIdOf, referenceTo } from '../../event-hash.ts';
import type { Pdu } from '../../pdu.ts';
import type { RoomVersion } from '../../room-versions.ts';
import { stateMapKey, stateOf } from '../../state-map.ts';
import type { StateMap } from '../../state-resolution/event-source.ts';
import { withRanks } from '../../state-resolution/ranked-source.ts';
import { resolveState } from '../../state-resolution/resolve.ts';
import { sha256Hex } from '../digest.ts';
import { type EventFields, type TestRoom, testRoom } from '../room.ts';

/** Where in the graph an event would come: after some events, with the state that these make together. */
export interface Place {
  heads: EventId[];
  state: StateMap;
}

export interface EventOptions {
  ts: number;
  /** Whose state the event's auth events are from; default: the place's own. */
  authFrom?: Place;
  /** A refused event is kept, without effect on the state, or is as if it had never come. Default: kept. */
  ifRefused?: 'keep' | 'skip';
}

/**
 * A room as a server without gaps sees it: events in an order in which each comes after those that it refers
 * to, each with a verdict, and with the state after it.
 */
export class RoomHistory {
  readonly version: RoomVersion;
  /** Complete, in the order of their coming, the create event first. */
  readonly events: Pdu[] = [];
  /** A letter for each event: `a` accepted, `r` refused. */
  verdicts = '';
  /** The state before each event that comes after several others. */
  readonly merges: string[] = [];
  readonly #room: TestRoom;
  readonly #byId = new Map<EventId, Pdu>();
  readonly #refused = new Set<EventId>();
  readonly #statesAfter = new Map<EventId, StateMap>();
  /** By name; a skipped event stands for those before it. */
  readonly #named = new Map<string, EventId[]>();
  readonly #source = withRanks({
    get: (eventId) => this.#byId.get(eventId),
    isRejected: (eventId) => this.#refused.has(eventId),
  });

  constructor(version: RoomVersion) {
    this.version = version;
    this.#room = testRoom(version);
    const createId = eventIdOf(this.#room.create, version);
    this.#store('create', this.#room.create, 'a', new Map([[stateMapKey('m.room.create', ''), createId]]));
  }

  place(after: readonly string[]): Place {
    const heads = [...new Set(after.flatMap((name) => this.#idsOf(name)))];
    return { heads, state: this.#resolve(heads) };
  }

  /** @returns whether it was accepted */
  add(name: string, fields: EventFields, place: Place, options: EventOptions): boolean {
    const pdu = this.#build(fields, place, options);
    const isAccepted = this.#accepts(pdu, place);
    if (!isAccepted && options.ifRefused === 'skip') {
      this.#named.set(name, place.heads);
      return false;
    }
    const after = new Map(place.state);
    if (isAccepted && pdu.state_key !== undefined) {
      after.set(stateMapKey(pdu.type, pdu.state_key), eventIdOf(pdu, this.version));
    }
    if (place.heads.length > 1) this.merges.push(this.textOf(place.state));
    this.#store(name, pdu, isAccepted ? 'a' : 'r', after);
    return isAccepted;
  }

  /** By the state alone. */
  wouldAllow(fields: EventFields, place: Place): boolean {
    const draft = { ...this.#room.event(fields), prev_events: this.#references(place.heads) };
    return authorize(draft, this.#authState(place.state), this.version).kind === 'allowed';
  }

  find(state: StateMap, type: string, stateKey = ''): Pdu | undefined {
    const eventId = state.get(stateMapKey(type, stateKey));
    return eventId === undefined ? undefined : this.#byId.get(eventId);
  }

  resolve(states: readonly StateMap[]): StateMap {
    return resolveState(states, this.#source, this.version);
  }

  idOf(name: string): EventId {
    const [eventId, ...others] = this.#idsOf(name);
    if (eventId === undefined || others.length > 0) throw new Error(`${name} was skipped`);
    return eventId;
  }

  /** As the other implementation writes it too: a line of JSON for each key. */
  textOf(state: StateMap): string {
    const lines = [...state.values()].map((eventId) => {
      const { type, state_key: stateKey } = this.#get(eventId);
      return JSON.stringify([type, stateKey, eventId]);
    });
    return lines.sort().join('\n');
  }

  nameOf(eventId: EventId): string {
    const found = [...this.#named].find(([, [first, ...others]]) => first === eventId && others.length === 0);
    return found?.[0] ?? eventId;
  }

  #build(fields: EventFields, { heads, state }: Place, { ts, authFrom }: EventOptions): Pdu {
    const { version } = this;
    const draft = this.#room.event(fields);
    const authIds = authTypesFor(draft, version)
      .map(([type, stateKey]) => (authFrom?.state ?? state).get(stateMapKey(type, stateKey)))
      .filter((eventId) => eventId !== undefined);
    const pdu: Pdu = {
      ...draft,
      prev_events: this.#references(heads),
      auth_events: this.#references(authIds),
      depth: Math.max(0, ...heads.map((eventId) => this.#get(eventId).depth)) + 1,
      origin_server_ts: ts,
    };
    return version.eventIds === 'assigned' ? { ...pdu, event_id: this.#assignedId(pdu) } : pdu;
  }

  /** In no order that has to do with the room. */
  #assignedId(pdu: Pdu): EventId {
    const opaque = digest(`${this.events.length} ${JSON.stringify(pdu.content)}`);
    return `$${opaque}:${pdu.sender.slice(pdu.sender.indexOf(':') + 1)}` as EventId;
  }

  /** Checks on receipt, steps 4 and 5. */
  #accepts(pdu: Pdu, place: Place): boolean {
    const named = pdu.auth_events.map((reference) => {
      const eventId = (typeof reference === 'string' ? reference : reference[0]) as EventId;
      return { pdu: this.#get(eventId), rejected: this.#refused.has(eventId) };
    });
    const byAuthEvents = stateOf([this.#room.create, ...named.map((event) => event.pdu)]);
    return [
      checkAuthEvents(pdu, named, this.version),
      authorize(pdu, byAuthEvents, this.version),
      authorize(pdu, this.#authState(place.state), this.version),
    ].every((verdict) => verdict.kind === 'allowed');
  }

  #authState(state: StateMap): AuthState {
    return { get: (type, stateKey) => this.find(state, type, stateKey) };
  }

  #resolve(heads: readonly EventId[]): StateMap {
    return this.resolve(heads.map((eventId) => this.#statesAfter.get(eventId) ?? new Map()));
  }

  #store(name: string, pdu: Pdu, verdict: string, stateAfter: StateMap): void {
    const eventId = eventIdOf(pdu, this.version);
    this.events.push(pdu);
    this.verdicts += verdict;
    this.#byId.set(eventId, pdu);
    this.#statesAfter.set(eventId, stateAfter);
    this.#named.set(name, [eventId]);
    if (verdict === 'r') this.#refused.add(eventId);
  }

  #references(eventIds: readonly EventId[]) {
    return eventIds.map((eventId) => referenceTo(this.#get(eventId), this.version));
  }

  #idsOf(name: string): EventId[] {
    const eventIds = this.#named.get(name);
    if (!eventIds) throw new Error(`no ${name} in the history`);
    return eventIds;
  }

  #get(eventId: EventId): Pdu {
    const pdu = this.#byId.get(eventId);
    if (!pdu) throw new Error(`no ${eventId} in the history`);
    return pdu;
  }
}

export function digest(text: string): string {
  return sha256Hex(text).slice(0, 12);
}
