import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { authTypesFor } from '../../../protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../../protocol/build-event.ts';
import { referenceTo, roomIdOfCreate } from '../../../protocol/event-hash.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../../../protocol/room-versions.ts';
import type { SigningKey } from '../../../protocol/signatures.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';

export interface RemoteEvent {
  eventId: EventId;
  pdu: Pdu;
}

interface Fields {
  type: string;
  sender: UserId;
  stateKey?: string;
  content?: JsonObject;
  /** Default: the event made before it. */
  after?: RemoteEvent[];
}

let made = 0;

/** A room of another server, whose history is a line as long as nothing else is said. */
export class RemoteRoom {
  readonly version: RoomVersion;
  readonly roomId: RoomId;
  readonly create: RemoteEvent;
  /** All events, oldest first. */
  readonly events: RemoteEvent[] = [];
  readonly #state = new Map<string, RemoteEvent>();
  readonly #serverName: string;
  #ts: number;

  constructor(versionId: string, creator: UserId, createContent: JsonObject = {}) {
    const version = roomVersion(versionId);
    if (!version) throw new Error(`no room version ${versionId}`);
    this.version = version;
    this.#serverName = creator.slice(creator.indexOf(':') + 1);
    made += 1;
    // In version 12 equal create events would make one room.
    this.#ts = 1_000 + 100_000 * made;
    const roomId = `!remote${made}:${this.#serverName}` as RoomId;
    this.create = this.#build(version.roomIds === 'domain' ? roomId : undefined, {
      type: 'm.room.create',
      sender: creator,
      stateKey: '',
      content: { room_version: versionId, ...createContent },
      after: [],
    });
    this.roomId = roomIdOfCreate(this.create.pdu, version);
    this.#note(this.create);
  }

  /** The next event; by the state that the room has when it is made. */
  add(fields: Fields): RemoteEvent {
    const event = this.#build(this.roomId, fields);
    this.#note(event);
    return event;
  }

  message(sender: UserId, body: string): RemoteEvent {
    return this.add({ type: 'm.room.message', sender, content: { msgtype: 'm.text', body } });
  }

  member(userId: UserId, membership = 'join', sender = userId): RemoteEvent {
    return this.add({ type: 'm.room.member', sender, stateKey: userId, content: { membership } });
  }

  /** From now on events are made as if this one were still in force. */
  pretend(event: RemoteEvent): void {
    this.#state.set(stateMapKey(event.pdu.type, event.pdu.state_key ?? ''), event);
  }

  state(): RemoteEvent[] {
    return [...this.#state.values()];
  }

  #note(event: RemoteEvent): void {
    this.events.push(event);
    const { type, state_key: stateKey } = event.pdu;
    if (stateKey !== undefined) this.#state.set(stateMapKey(type, stateKey), event);
  }

  #build(roomId: RoomId | undefined, { type, sender, stateKey, content = {}, after }: Fields): RemoteEvent {
    const previous = after ?? this.events.slice(-1);
    const authEvents = authTypesFor({ type, sender, content, state_key: stateKey }, this.version)
      .map(([authType, key]) => this.#state.get(stateMapKey(authType, key)))
      .filter((event) => event !== undefined);
    this.#ts += 1;
    return buildEvent({
      version: this.version,
      ...(roomId === undefined ? {} : { roomId }),
      ...(this.version.eventIds === 'assigned'
        ? { eventId: `$remote${this.#ts}:${this.#serverName}` as EventId }
        : {}),
      sender,
      type,
      ...(stateKey === undefined ? {} : { stateKey }),
      content,
      prevEvents: previous.map(({ pdu }) => referenceTo(pdu, this.version)),
      authEvents: authEvents.map(({ pdu }) => referenceTo(pdu, this.version)),
      depth: Math.max(0, ...previous.map(({ pdu }) => pdu.depth)) + 1,
      originServerTs: this.#ts,
      serverName: this.#serverName,
      signingKey,
    });
  }
}

/** Signatures are checked by who fetches keys, so any key will do. */
const signingKey: SigningKey = { keyId: 'ed25519:1', seed: new Uint8Array(32).fill(1) };
