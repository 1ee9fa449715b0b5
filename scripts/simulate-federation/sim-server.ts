import { createHash } from 'node:crypto';
import { makeApp } from '../../homeserver/src/api/app.ts';
import { federationRoutes } from '../../homeserver/src/api/federation/federation-routes.ts';
import { readConfig } from '../../homeserver/src/config.ts';
import type { Env } from '../../homeserver/src/env.ts';
import type { FederationParts } from '../../homeserver/src/federation/federation-parts.ts';
import { DestinationObject } from '../../homeserver/src/objects/destination/destination-object.ts';
import type { Room } from '../../homeserver/src/objects/room/room.ts';
import { RoomObject } from '../../homeserver/src/objects/room/room-object.ts';
import type { ReceiveInput, RoomRpc } from '../../homeserver/src/objects/room-rpc.ts';
import { makeStubs } from '../../homeserver/src/objects/stubs.ts';
import { ed25519PublicKey, encodeBase64 } from '../../homeserver/src/protocol/crypto.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../matrix/identifiers.ts';
import destinationSchema from '../../migrations/objects/destination/0001-init.sql';
import roomSchema from '../../migrations/objects/room/0001-init.sql';
import { Sqlite } from '../../platform/sqlite.ts';
import type { Host, Network } from './network.ts';
import { ObjectHost } from './object-host.ts';
import { ObjectStorage, schemaTemplate } from './object-storage.ts';
import { SimD1 } from './sim-d1.ts';
import type { VirtualTime } from './virtual-time.ts';

const app = makeApp(federationRoutes);
const templates = {
  room: schemaTemplate([roomSchema]),
  destination: schemaTemplate([destinationSchema]),
  none: schemaTemplate([]),
};

/** Events before which the state was told by others, by the database of the room. */
const told = new WeakMap<object, Set<EventId>>();

/** The room of the product, which notes what it cannot check itself. */
class NotingRoom extends RoomObject {
  override async receive(input: ReceiveInput) {
    const known = told.get(this.env) ?? new Set();
    told.set(this.env, known);
    for (const eventId of Object.keys(input.statesBefore ?? {})) known.add(eventId as EventId);
    return super.receive(input);
  }
}

/** Stands for the objects of users and of services: whatever it is told, it has it. */
class Follower {
  async applyRoomDelta() {
    return { kind: 'applied' };
  }
}

/** A homeserver: the federation API, rooms and ways to others as they are, without clients. */
export class SimServer implements Host {
  readonly name: ServerName;
  readonly users: UserId[];
  readonly env: Env;
  readonly rooms: ObjectHost;
  readonly destinations: ObjectHost;
  readonly d1 = new SimD1();
  readonly #followers: ObjectHost;

  constructor(number: number, network: Network, time: VirtualTime) {
    this.name = `s${number}.sim:8448` as ServerName;
    this.users = ['ann', 'bob'].map((name) => `@${name}:${this.name}` as UserId);
    const env = () => this.env;
    this.rooms = new ObjectHost(NotingRoom as never, templates.room, env, time);
    this.destinations = new ObjectHost(DestinationObject as never, templates.destination, env, time);
    this.#followers = new ObjectHost(Follower as never, templates.none, env, time);
    const seed = createHash('sha256').update(this.name).digest('base64').replace(/=+$/, '');
    const stored = new Map<string, string>();
    this.env = {
      ROOMS: this.rooms,
      DESTINATIONS: this.destinations,
      USERS: this.#followers,
      USER_KEYS: this.#followers,
      APPSERVICES: this.#followers,
      DB: this.d1,
      CACHE: {
        get: async (key: string) => JSON.parse(stored.get(key) ?? 'null'),
        put: async (key: string, value: string) => void stored.set(key, value),
      },
      OUTBOUND: {
        fetch: (url: string, init: RequestInit) => {
          const { signal: _, ...sent } = init;
          const to = new Headers(init.headers).get('roost-connect') ?? '';
          return network.request(this.name, to, new Request(url, sent));
        },
      },
      SERVER_NAME: this.name,
      PUBLIC_BASE_URL: `https://${this.name}`,
      DEFAULT_ROOM_VERSION: '12',
      OPEN_REGISTRATION: '0',
      RATE_LIMITS: 'off',
      PASSWORD_POLICY: 'off',
      APPSERVICE_SERVICES: '{}',
      APPSERVICE_REGISTRATIONS: '[]',
      LOG_METER: '0',
      SIGNING_KEY: `ed25519 sim ${seed}`,
      ENCRYPTION_KEY: 'c2ltdWxhdGlvbi1zaW11bGF0aW9uLXNpbXVsYXRpb24',
      ADMIN_TOKEN: 'simulation-simulation-simulation-simulation',
    } as unknown as Env;
  }

  get parts(): FederationParts {
    return { env: this.env, config: readConfig(this.env), stubs: makeStubs(this.env) };
  }

  get publicKey(): string {
    return encodeBase64(ed25519PublicKey(readConfig(this.env).signingKey.seed));
  }

  async handle(request: Request): Promise<Response> {
    const waitUntil = (work: Promise<unknown>) => void work.catch(() => undefined);
    return app.fetch(request, this.env, { waitUntil, passThroughOnException: () => undefined } as never);
  }

  /** Knows the keys of others without having asked. */
  learnKeys(others: readonly SimServer[], untilMs: number): void {
    const insert = this.d1.database.prepare(
      'INSERT INTO server_keys (server_name, key_id, public_key, valid_until_ms, is_old) VALUES (?, ?, ?, ?, 0)',
    );
    for (const { name, publicKey } of others) insert.run(name, 'ed25519:sim', publicKey, untilMs);
  }

  room(roomId: RoomId): RoomRpc {
    return this.parts.stubs.room(roomId);
  }

  /** Whether the room is here, and its import over. */
  holds(roomId: RoomId): boolean {
    return this.rooms.database(roomId)?.exec('SELECT importing FROM room', []).rows[0]?.importing === null;
  }

  /** To look into what it has stored. */
  stored(roomId: RoomId, version: RoomVersion): Room {
    const database = this.rooms.database(roomId);
    if (!database) throw new Error(`${this.name} does not have the room`);
    const storage = new ObjectStorage(database, () => undefined);
    return { sqlite: new Sqlite(storage as never), roomId, version, config: readConfig(this.env) };
  }

  get toldEvents(): ReadonlySet<EventId> {
    return told.get(this.env) ?? new Set();
  }

  close(): void {
    for (const host of [this.rooms, this.destinations, this.#followers]) host.close();
    this.d1.database.close();
  }

  /** Loses what is in memory, as when the runtime moves it elsewhere. */
  restart(): void {
    for (const host of [this.rooms, this.destinations]) for (const name of host.names) host.evict(name);
  }
}
