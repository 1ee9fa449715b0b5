import { readConfig } from '../../homeserver/src/config.ts';
import { authTypesFor } from '../../homeserver/src/protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../homeserver/src/protocol/build-event.ts';
import { referenceTo, roomIdOfCreate } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { stateMapKey } from '../../homeserver/src/protocol/state-map.ts';
import { type EventId, type RoomId, serverNameOf, type UserId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { SimServer } from './sim-server.ts';

interface Fields {
  type: string;
  sender: UserId;
  stateKey: string;
  content: JsonObject;
}

/** The events that a room begins with, a line, each signed by the server of its sender. */
export class Beginning {
  readonly events: Pdu[] = [];
  readonly version: RoomVersion;
  readonly #servers: ReadonlyMap<string, SimServer>;
  readonly #state = new Map<string, Pdu>();
  readonly #name: string;
  readonly #startMs: number;

  constructor(version: RoomVersion, name: string, servers: readonly SimServer[], startMs: number) {
    this.version = version;
    this.#name = name;
    this.#startMs = startMs;
    this.#servers = new Map(servers.map((server) => [server.name, server]));
  }

  get roomId(): RoomId {
    const [create] = this.events;
    if (!create) throw new Error('the room has no create event');
    return roomIdOfCreate(create, this.version);
  }

  state(sender: UserId, type: string, content: JsonObject, stateKey = ''): void {
    this.#add({ type, sender, content, stateKey });
  }

  #add(fields: Fields): void {
    const { version } = this;
    const serverName = serverNameOf(fields.sender);
    const server = this.#servers.get(serverName);
    if (!server) throw new Error(`no server ${serverName}`);
    const { type, sender, content, stateKey } = fields;
    const auth = authTypesFor({ type, sender, content, state_key: stateKey }, version)
      .map(([authType, key]) => this.#state.get(stateMapKey(authType, key)))
      .filter((event) => event !== undefined);
    const [roomId] =
      this.events.length > 0
        ? [this.roomId]
        : version.roomIds === 'domain'
          ? [`!${this.#name}:${serverName}`]
          : [];
    const { pdu } = buildEvent({
      version,
      ...(roomId === undefined ? {} : { roomId: roomId as RoomId }),
      ...(version.eventIds === 'assigned'
        ? { eventId: `$begin${this.events.length}:${serverName}` as EventId }
        : {}),
      ...fields,
      prevEvents: this.events.slice(-1).map((event) => referenceTo(event, version)),
      authEvents: auth.map((event) => referenceTo(event, version)),
      depth: this.events.length + 1,
      originServerTs: this.#startMs + this.events.length,
      serverName,
      signingKey: readConfig(server.env).signingKey,
    });
    this.events.push(pdu);
    this.#state.set(stateMapKey(type, stateKey), pdu);
  }
}
