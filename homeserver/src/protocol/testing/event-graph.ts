import type { EventId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { authTypesFor } from '../auth-rules/auth-types.ts';
import { authorize } from '../auth-rules/authorize.ts';
import { eventIdOf, referenceTo } from '../event-hash.ts';
import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import type { StateMap } from '../state-resolution/event-source.ts';
import { withRanks } from '../state-resolution/ranked-source.ts';
import { resolveState } from '../state-resolution/resolve.ts';
import { testRoom } from './room.ts';

export interface GraphEvent {
  type: string;
  sender: string;
  state_key?: string;
  content?: JsonObject;
  /** Names of the events before it. */
  after: string[];
  /** Default: one more than the event before. */
  ts?: number;
}

/** A room whose events have names, real ids, the auth events that they should have, and a state after each. */
export class TestGraph {
  readonly version: RoomVersion;
  readonly #room: ReturnType<typeof testRoom>;
  readonly #events = new Map<EventId, Pdu>();
  readonly #ids = new Map<string, EventId>();
  readonly #states = new Map<string, StateMap>();
  #ts = 1;

  constructor(version: RoomVersion) {
    this.version = version;
    this.#room = testRoom(version);
    const { create } = this.#room;
    const createId = this.#store('create', create);
    this.#states.set('create', new Map([[stateMapKey('m.room.create', ''), createId]]));
  }

  readonly source = withRanks({ get: (eventId) => this.#events.get(eventId) });

  /** Allowed by the state before it or not: the tests are about what resolution makes of it. */
  add(name: string, { after, ts, ...fields }: GraphEvent): void {
    const before = this.resolve(after);
    const previous = after.map((other) => this.event(other));
    this.#ts = ts ?? this.#ts + 1;
    const draft = this.#room.event(fields);
    const authEvents = authTypesFor(draft, this.version)
      .map(([type, stateKey]) => before.get(stateMapKey(type, stateKey)))
      .filter((eventId) => eventId !== undefined)
      .map((eventId) => referenceTo(this.#get(eventId), this.version));
    const pdu: Pdu = {
      ...draft,
      prev_events: previous.map((event) => referenceTo(event, this.version)),
      auth_events: authEvents,
      depth: Math.max(...previous.map((event) => event.depth)) + 1,
      origin_server_ts: this.#ts,
      ...(this.version.eventIds === 'assigned' ? { event_id: `$${name}:one` as EventId } : {}),
    };
    const eventId = this.#store(name, pdu);
    const state = new Map(before);
    if (pdu.state_key !== undefined) state.set(stateMapKey(pdu.type, pdu.state_key), eventId);
    this.#states.set(name, state);
  }

  resolve(names: string[]): StateMap {
    return resolveState(
      names.map((name) => this.state(name)),
      this.source,
      this.version,
    );
  }

  /** Name of the event that a resolved state has for a key. */
  winner(state: StateMap, type: string, stateKey = ''): string | undefined {
    const eventId = state.get(stateMapKey(type, stateKey));
    return [...this.#ids].find(([, id]) => id === eventId)?.[0];
  }

  isAllowedBefore(name: string, after: string[]): boolean {
    const state = this.resolve(after);
    const get = (type: string, stateKey: string) => {
      const eventId = state.get(stateMapKey(type, stateKey));
      return eventId === undefined ? undefined : this.#get(eventId);
    };
    return authorize(this.event(name), { get }, this.version).kind === 'allowed';
  }

  state(name: string): StateMap {
    return found(this.#states.get(name), name);
  }

  event(name: string): Pdu {
    return this.#get(this.id(name));
  }

  id(name: string): EventId {
    return found(this.#ids.get(name), name);
  }

  #get(eventId: EventId): Pdu {
    return found(this.#events.get(eventId), eventId);
  }

  #store(name: string, pdu: Pdu): EventId {
    const eventId = eventIdOf(pdu, this.version);
    this.#events.set(eventId, pdu);
    this.#ids.set(name, eventId);
    return eventId;
  }
}

function found<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`no ${name} in the test graph`);
  return value;
}
