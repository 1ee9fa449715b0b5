import { authTypesFor } from '../../../../homeserver/src/protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../../../homeserver/src/protocol/build-event.ts';
import { eventIdOf, referenceTo, roomIdOfCreate } from '../../../../homeserver/src/protocol/event-hash.ts';
import { authEventIds, type Pdu, prevEventIds } from '../../../../homeserver/src/protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../../../../homeserver/src/protocol/room-versions.ts';
import type { SigningKey } from '../../../../homeserver/src/protocol/signatures.ts';
import { stateMapKey } from '../../../../homeserver/src/protocol/state-map.ts';
import type { EventId, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';

export interface RoomEvent {
  eventId: EventId;
  pdu: Pdu;
}

export interface EventFields {
  type: string;
  sender: string;
  stateKey?: string;
  content?: JsonObject;
  redacts?: string;
  /** Default: the ends of the room. */
  after?: readonly RoomEvent[];
  /** Default: those that the state of the room has for it. */
  authEvents?: readonly RoomEvent[];
  /** Default: one more than those before it. */
  depth?: number;
  originServerTs?: number;
}

type State = ReadonlyMap<string, RoomEvent>;

let made = 0;

export function versionOf(id: string): RoomVersion {
  const version = roomVersion(id);
  if (!version) throw new Error(`no room version ${id}`);
  return version;
}

/**
 * A room as the test server knows it. Of two states that differ it takes the newer one: it resolves nothing, and checks
 * nothing, so that it can be wrong where a test wants it.
 */
export class FederatedRoom {
  readonly version: RoomVersion;
  readonly events = new Map<EventId, RoomEvent>();
  /** Those without a successor, by which the next event is placed. */
  ends: RoomEvent[] = [];
  readonly #server: { name: string; key: SigningKey };
  readonly #before = new Map<EventId, State>();
  readonly #behind = new Map<EventId, State>();
  #state = new Map<string, RoomEvent>();
  #roomId: RoomId;

  private constructor(version: RoomVersion, roomId: string, server: { name: string; key: SigningKey }) {
    this.version = version;
    this.#roomId = roomId as RoomId;
    this.#server = server;
  }

  get roomId(): RoomId {
    return this.#roomId;
  }

  /** With nothing but the create event. */
  static create(
    server: { name: string; key: SigningKey },
    versionId: string,
    creator: string,
    content: JsonObject = {},
  ): FederatedRoom {
    const version = versionOf(versionId);
    made += 1;
    const room = new FederatedRoom(version, `!${Date.now()}-${process.pid}-${made}:${server.name}`, server);
    const create = room.add({
      type: 'm.room.create',
      sender: creator,
      stateKey: '',
      // What makes it another room than the last one, where its id is the hash of this event.
      content: { room_version: versionId, 'org.example.number': made, ...content },
      after: [],
    });
    room.#roomId = roomIdOfCreate(create.pdu, version);
    return room;
  }

  /** As a server knows it that has just joined. */
  static joined(
    server: { name: string; key: SigningKey },
    versionId: string,
    join: Pdu,
    answer: { state: Pdu[]; auth_chain: Pdu[] },
  ): FederatedRoom {
    const room = new FederatedRoom(versionOf(versionId), join.room_id ?? '', server);
    for (const pdu of [...answer.auth_chain, ...answer.state]) room.#keep(pdu);
    for (const pdu of answer.state) room.#note(room.#keep(pdu));
    room.adopt(join);
    room.ends = [room.get(eventIdOf(join, room.version))];
    return room;
  }

  /** A room that everybody may join, with its creator in it. */
  static createPublic(
    server: { name: string; key: SigningKey },
    versionId: string,
    creator: string,
    content: JsonObject = {},
  ): FederatedRoom {
    const room = FederatedRoom.create(server, versionId, creator, content);
    room.member(creator);
    const users = room.version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
    room.state(creator, 'm.room.power_levels', { users, events: {}, state_default: 50 });
    room.state(creator, 'm.room.join_rules', { join_rule: 'public' });
    room.state(creator, 'm.room.history_visibility', { history_visibility: 'shared' });
    return room;
  }

  /** The next event. */
  add(fields: EventFields): RoomEvent {
    return this.adopt(this.build(fields).pdu);
  }

  state(sender: string, type: string, content: JsonObject, stateKey = ''): RoomEvent {
    return this.add({ type, sender, stateKey, content });
  }

  member(userId: string, membership = 'join', sender = userId): RoomEvent {
    return this.state(sender, 'm.room.member', { membership }, userId);
  }

  message(sender: string, body: string): RoomEvent {
    return this.add({ type: 'm.room.message', sender, content: { msgtype: 'm.text', body } });
  }

  /** An event, signed, that the room does not have. */
  build(fields: EventFields): RoomEvent {
    const { type, sender, stateKey, content = {}, redacts } = fields;
    const after = fields.after ?? this.ends;
    const { version } = this;
    const isRoot = type === 'm.room.create' && version.roomIds === 'createHash';
    return buildEvent({
      version,
      ...(isRoot ? {} : { roomId: this.roomId }),
      ...(version.eventIds === 'assigned'
        ? { eventId: `$${Date.now()}-${++made}:${this.#server.name}` as EventId }
        : {}),
      sender: sender as UserId,
      type,
      ...(stateKey === undefined ? {} : { stateKey }),
      ...(redacts === undefined ? {} : { redacts }),
      content,
      prevEvents: after.map(({ pdu }) => referenceTo(pdu, version)),
      authEvents: (fields.authEvents ?? this.authEventsFor(fields)).map(({ pdu }) =>
        referenceTo(pdu, version),
      ),
      depth: fields.depth ?? Math.max(0, ...after.map(({ pdu }) => pdu.depth)) + 1,
      originServerTs: fields.originServerTs ?? Date.now(),
      serverName: this.#server.name,
      signingKey: this.#server.key,
    });
  }

  /** What `make_join` and its like give. */
  template(userId: string, membership: string, more: JsonObject = {}): JsonObject {
    const content = { membership, ...more };
    const fields = { type: 'm.room.member', sender: userId, stateKey: userId, content };
    const { hashes: _, signatures: __, ...event } = this.build(fields).pdu;
    return { ...event, origin: this.#server.name };
  }

  authEventsFor({ type, sender, stateKey, content = {} }: EventFields): RoomEvent[] {
    const event = { type, sender: sender as UserId, content, state_key: stateKey };
    return authTypesFor(event, this.version)
      .map(([authType, key]) => this.find(authType, key))
      .filter((found) => found !== undefined);
  }

  /** Takes an event in, whoever made it. @param isRejected it has its place, and changes nothing */
  adopt(pdu: Pdu, isRejected = false): RoomEvent {
    const event = this.#keep(pdu);
    const prev = new Set(prevEventIds(pdu));
    const before = [...prev]
      .map((eventId) => this.#behind.get(eventId))
      .filter((state) => state !== undefined);
    this.#before.set(event.eventId, new Map(before.flatMap((state) => [...state])));
    if (!isRejected) this.#note(event);
    this.ends = [...this.ends.filter(({ eventId }) => !prev.has(eventId)), event];
    const behind = new Map(this.#before.get(event.eventId));
    if (pdu.state_key !== undefined && !isRejected) behind.set(stateMapKey(pdu.type, pdu.state_key), event);
    this.#behind.set(event.eventId, before.length === 0 ? new Map(this.#state) : behind);
    return event;
  }

  get(eventId: string): RoomEvent {
    const event = this.events.get(eventId as EventId);
    if (!event) throw new Error(`${eventId} is not in the room`);
    return event;
  }

  /** The state event that holds now. */
  find(type: string, stateKey = ''): RoomEvent | undefined {
    return this.#state.get(stateMapKey(type, stateKey));
  }

  currentState(): RoomEvent[] {
    return [...this.#state.values()];
  }

  stateBefore(eventId: string): RoomEvent[] {
    return [...(this.#before.get(eventId as EventId) ?? this.#state).values()];
  }

  /** All that these events rest on, without themselves. */
  authChain(events: readonly RoomEvent[]): RoomEvent[] {
    const chain = new Map<EventId, RoomEvent>();
    const open = events.flatMap(({ pdu }) => authEventIds(pdu));
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const event = this.events.get(id);
      if (!event || chain.has(id)) continue;
      chain.set(id, event);
      open.push(...authEventIds(event.pdu));
    }
    return [...chain.values()];
  }

  /** Events before these, the nearest first, these themselves not among them. */
  *before(eventIds: readonly string[], stopAt: ReadonlySet<string> = new Set()): Generator<RoomEvent> {
    const seen = new Set<string>(eventIds);
    let level = eventIds.map((id) => this.events.get(id as EventId)).filter((event) => event !== undefined);
    while (level.length > 0) {
      const ids = new Set(level.flatMap(({ pdu }) => prevEventIds(pdu)));
      level = [...ids]
        .filter((id) => !seen.has(id) && !stopAt.has(id))
        .map((id) => this.events.get(id))
        .filter((event) => event !== undefined);
      for (const event of level) {
        seen.add(event.eventId);
        yield event;
      }
    }
  }

  joinedUsers(): string[] {
    return this.currentState()
      .filter(({ pdu }) => pdu.type === 'm.room.member' && pdu.content.membership === 'join')
      .map(({ pdu }) => pdu.state_key ?? '');
  }

  #keep(pdu: Pdu): RoomEvent {
    const event = { eventId: eventIdOf(pdu, this.version), pdu };
    this.events.set(event.eventId, event);
    return event;
  }

  #note(event: RoomEvent): void {
    const { type, state_key: stateKey } = event.pdu;
    if (stateKey !== undefined) this.#state.set(stateMapKey(type, stateKey), event);
  }
}
