import { Buffer } from 'node:buffer';
import { type EventId, type RoomId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { checkAuthEvents } from '../../../protocol/auth-rules/auth-events.ts';
import { authTypesFor } from '../../../protocol/auth-rules/auth-types.ts';
import { type AuthState, authorize } from '../../../protocol/auth-rules/authorize.ts';
import { buildEvent } from '../../../protocol/build-event.ts';
import { eventIdOf, referenceTo, roomIdOfCreate } from '../../../protocol/event-hash.ts';
import { authEventIds, type Pdu, prevEventIds } from '../../../protocol/pdu.ts';
import type { RoomVersion } from '../../../protocol/room-versions.ts';
import { stateMapKey, stateOf } from '../../../protocol/state-map.ts';
import type { StateMap } from '../../../protocol/state-resolution/event-source.ts';
import { withRanks } from '../../../protocol/state-resolution/ranked-source.ts';
import { resolveState } from '../../../protocol/state-resolution/resolve.ts';

/** Of all its servers. */
export const signingKey = { keyId: 'ed25519:test', seed: Buffer.alloc(32, 7) };

export interface RemoteFields {
  type: string;
  sender: string;
  stateKey?: string;
  content?: JsonObject;
  redacts?: string;
}

export interface RemoteOptions {
  ts?: number;
  /** The event's auth events are of another state than the one before it. */
  authFrom?: StateMap;
  authEvents?: EventId[];
}

export interface RemoteEvent {
  eventId: EventId;
  pdu: Pdu;
  before: StateMap;
  behind: StateMap;
  rejected: boolean;
}

/** A room of other servers: its events with valid hashes, and what one makes of them that has them all, in order. */
export class RemoteRoom {
  readonly version: RoomVersion;
  readonly create: RemoteEvent;
  readonly roomId: RoomId;
  readonly events = new Map<EventId, RemoteEvent>();
  readonly #name: string;
  readonly #source = withRanks({
    get: (eventId) => this.events.get(eventId)?.pdu,
    isRejected: (eventId) => this.events.get(eventId)?.rejected ?? false,
  });

  /** @param name makes the room different from others */
  constructor(version: RoomVersion, name: string, creator = '@creator:one', content: JsonObject = {}) {
    this.version = version;
    this.#name = name;
    const roomId = `!${name}:one` as RoomId;
    const fields = {
      type: 'm.room.create',
      sender: creator,
      stateKey: '',
      content: { room_version: version.id, 'org.example.name': name, ...content },
    };
    const pdu = this.#build(fields, roomId, [], [], 1);
    this.roomId = roomIdOfCreate(pdu, version);
    this.create = this.#keep(pdu, new Map(), false);
  }

  /** After these events; whether the rules allow it there or not. */
  add(fields: RemoteFields, after: readonly EventId[], options: RemoteOptions = {}): EventId {
    const pdu = this.make(fields, after, options);
    return this.adopt(pdu).eventId;
  }

  /** An event as `add` makes it, that nobody has sent. */
  make(
    fields: RemoteFields,
    after: readonly EventId[],
    { ts, authFrom, authEvents }: RemoteOptions = {},
  ): Pdu {
    const before = authFrom ?? this.resolve(after);
    const { type, sender, stateKey, content = {} } = fields;
    const authIds =
      authEvents ??
      authTypesFor({ type, sender: sender as UserId, content, state_key: stateKey }, this.version)
        .map(([authType, authKey]) => before.get(stateMapKey(authType, authKey)))
        .filter((eventId) => eventId !== undefined);
    return this.#build(fields, this.roomId, after, authIds, ts);
  }

  /** An event that another made, of which all is known that it refers to. */
  adopt(pdu: Pdu): RemoteEvent {
    const before = this.resolve(prevEventIds(pdu));
    const named = authEventIds(pdu).map((eventId) => {
      const { pdu: authEvent, rejected } = this.get(eventId);
      return { pdu: authEvent, rejected };
    });
    const byAuthEvents = stateOf([this.create.pdu, ...named.map((event) => event.pdu)]);
    const isAllowed = [
      checkAuthEvents(pdu, named, this.version),
      authorize(pdu, byAuthEvents, this.version),
      authorize(pdu, this.authState(before), this.version),
    ].every(({ kind }) => kind === 'allowed');
    return this.#keep(pdu, before, !isAllowed);
  }

  isAllowed(fields: RemoteFields, after: readonly EventId[]): boolean {
    const before = this.resolve(after);
    return authorize(this.make(fields, after), this.authState(before), this.version).kind === 'allowed';
  }

  resolve(after: readonly EventId[]): StateMap {
    const states = after.map((eventId) => this.get(eventId).behind);
    return states.length === 0 ? new Map() : resolveState(states, this.#source, this.version);
  }

  find(state: StateMap, type: string, stateKey = ''): Pdu | undefined {
    return this.authState(state).get(type, stateKey);
  }

  authState(state: StateMap): AuthState {
    return {
      get: (type, stateKey) => {
        const eventId = state.get(stateMapKey(type, stateKey));
        return eventId === undefined ? undefined : this.get(eventId).pdu;
      },
    };
  }

  get(eventId: EventId): RemoteEvent {
    const event = this.events.get(eventId);
    if (!event) throw new Error(`${eventId} is not in the room`);
    return event;
  }

  pdu(eventId: EventId): Pdu {
    return this.get(eventId).pdu;
  }

  /** These events and all that they rest on by their auth events. */
  authChain(eventIds: Iterable<EventId>): Set<EventId> {
    const open = [...eventIds];
    const chain = new Set<EventId>();
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (chain.has(id)) continue;
      chain.add(id);
      open.push(...authEventIds(this.pdu(id)));
    }
    return chain;
  }

  #build(
    fields: RemoteFields,
    roomId: RoomId,
    after: readonly EventId[],
    authIds: readonly EventId[],
    ts = this.events.size + 1,
  ): Pdu {
    const { version } = this;
    const { type, sender, stateKey, content = {}, redacts } = fields;
    const serverName = serverNameOf(sender as UserId);
    const reference = (eventId: EventId) => referenceTo(this.pdu(eventId), version);
    const { pdu } = buildEvent({
      version,
      roomId,
      sender: sender as UserId,
      type,
      content,
      ...(stateKey === undefined ? {} : { stateKey }),
      ...(redacts === undefined ? {} : { redacts }),
      prevEvents: after.map(reference),
      authEvents: authIds.map(reference),
      depth: Math.max(0, ...after.map((eventId) => this.pdu(eventId).depth)) + 1,
      originServerTs: ts,
      serverName,
      signingKey,
      ...(version.eventIds === 'assigned'
        ? { eventId: `$${this.#name}-${this.events.size}:${serverName}` as EventId }
        : {}),
    });
    return pdu;
  }

  #keep(pdu: Pdu, before: StateMap, rejected: boolean): RemoteEvent {
    const eventId = eventIdOf(pdu, this.version);
    const behind = new Map(before);
    if (!rejected && pdu.state_key !== undefined) {
      behind.set(stateMapKey(pdu.type, pdu.state_key), eventId);
    }
    const event = { eventId, pdu, before, behind, rejected };
    this.events.set(eventId, event);
    return event;
  }
}
