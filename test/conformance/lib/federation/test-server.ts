import { randomBytes } from 'node:crypto';
import { makeKey } from '../../../../homeserver/src/federation/testing/peer.ts';
import { eventIdOf } from '../../../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../../../homeserver/src/protocol/pdu.ts';
import { hashAndSign, signPdu } from '../../../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import {
  FederationServer,
  plainPath,
  type Received,
  type SentAnswer,
} from '../../../harness/federation/federation-server.ts';
import { eventually } from '../eventually.ts';
import { p } from '../http.ts';
import type { User } from '../user.ts';
import { answerTo } from './answers.ts';
import { FederatedRoom, type RoomEvent, versionOf } from './federated-room.ts';
import { authority, type Homeserver } from './homeserver.ts';

/** A server that requests go to. */
type Reached = Pick<Homeserver, 'url' | 'serverName'>;

export interface Edu extends JsonObject {
  edu_type: string;
  content: JsonObject;
}

/**
 * Another server of the network. It has the rooms that tests make on it or join with it, answers for them as a server
 * that is in them, and takes in what comes; where a test wants it otherwise, `server.on(…)` goes before.
 */
export class TestServer {
  readonly server: FederationServer;
  readonly rooms = new Map<string, FederatedRoom>();
  /** By alias. */
  readonly aliases = new Map<string, string>();
  /** What came by transaction, the oldest first; the events also of rooms that it is not in. */
  readonly pdus: Pdu[] = [];
  readonly edus: Edu[] = [];
  /** Invitations that came, as it has signed them, with the state that was told. */
  readonly invitations: { event: Pdu; state: JsonObject[] }[] = [];
  #transactions = 0;

  private constructor(server: FederationServer) {
    this.server = server;
    server.otherwise = (received) => answerTo(this, received);
  }

  /** @param host `peer1` to `peer4`: for tests that tell servers apart by more than their port */
  static async start(host = 'peer1'): Promise<TestServer> {
    const server = await FederationServer.start({ ca: authority(), host });
    // An earlier server may have had its port, and so its name: its keys are still known.
    server.keys = [makeKey(randomBytes(4).toString('hex'))];
    return new TestServer(server);
  }

  /** One that runs already. */
  static over(server: FederationServer): TestServer {
    return new TestServer(server);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  get name(): string {
    return this.server.name;
  }

  /** How the server of a user is reached. */
  toUserOf(user: User): Reached {
    return { url: user.at ?? '', serverName: user.serverName };
  }

  /** Its users need not be made. */
  user(localpart: string): string {
    return `@${localpart}:${this.name}`;
  }

  /** A room of this server, which everybody may join. @param content of the create event */
  createRoom(versionId: string, creator: string, content: JsonObject = {}): FederatedRoom {
    return this.keep(FederatedRoom.createPublic(this.server, versionId, creator, content));
  }

  keep(room: FederatedRoom): FederatedRoom {
    this.rooms.set(room.roomId, room);
    return room;
  }

  /** A signed request. @param path behind `/_matrix/federation/` */
  ask(to: Reached, method: string, path: string, body?: JsonObject): Promise<SentAnswer> {
    return this.server.send(to, method, `/_matrix/federation/${path}`, body);
  }

  /** As {@link ask}, for what must succeed. */
  async askOk<T = JsonObject>(to: Reached, method: string, path: string, body?: JsonObject): Promise<T> {
    const answer = await this.ask(to, method, path, body);
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  /** Hashes and signs an event, such as a template of another server. */
  sign(event: JsonObject, versionId: string): RoomEvent {
    const version = versionOf(versionId);
    const made = { ...event, origin_server_ts: Date.now() };
    const pdu = hashAndSign(made, version, this.name, this.server.key) as unknown as Pdu;
    return { pdu, eventId: eventIdOf(pdu, version) };
  }

  /** Adds its signature to an event of another. */
  countersign(pdu: Pdu, versionId: string): Pdu {
    return signPdu(pdu, versionOf(versionId), this.name, this.server.key);
  }

  /** `make_join`, `make_leave` or `make_knock`. */
  make(to: Reached, membership: string, roomId: string, userId: string): Promise<SentAnswer> {
    const versions = Array.from({ length: 12 }, (_, index) => `ver=${index + 1}`).join('&');
    const query = membership === 'leave' ? '' : `?${versions}`;
    return this.ask(to, 'GET', p`v1/make_${membership}/${roomId}/${userId}` + query);
  }

  /** Joins a room of that server with a user of this one. */
  async join(to: Reached, roomId: string, userId: string): Promise<FederatedRoom> {
    const made = await this.make(to, 'join', roomId, userId);
    if (made.status !== 200) throw new Error(`make_join: ${made.status} ${JSON.stringify(made.body)}`);
    const { room_version: versionId = '1', event } = made.body as {
      room_version?: string;
      event: JsonObject;
    };
    const { pdu, eventId } = this.sign(event, versionId);
    type Joined = { state: Pdu[]; auth_chain: Pdu[]; event?: Pdu };
    const answer = await this.askOk<Joined>(to, 'PUT', p`v2/send_join/${roomId}/${eventId}`, pdu);
    return this.keep(FederatedRoom.joined(this.server, versionId, answer.event ?? pdu, answer));
  }

  /** Leaves, declines, or takes a knock back. */
  async leave(to: Reached, roomId: string, userId: string, versionId: string): Promise<void> {
    const made = await this.make(to, 'leave', roomId, userId);
    if (made.status !== 200) throw new Error(`make_leave: ${made.status} ${JSON.stringify(made.body)}`);
    const { pdu, eventId } = this.sign(made.body.event as JsonObject, versionId);
    await this.askOk(to, 'PUT', p`v2/send_leave/${roomId}/${eventId}`, pdu);
    this.rooms.get(roomId)?.adopt(pdu);
  }

  /** Invites a user of that server into a room of this one. */
  async invite(to: Reached, room: FederatedRoom, sender: string, userId: string, more: JsonObject = {}) {
    const content = { membership: 'invite', ...more };
    const { pdu, eventId } = room.build({ type: 'm.room.member', sender, stateKey: userId, content });
    const stripped = room
      .currentState()
      .filter(({ pdu: { type } }) => /create|join_rules|name|encryption/.test(type))
      .map(({ pdu: event }) => event as JsonObject);
    const body = { room_version: room.version.id, event: pdu, invite_room_state: stripped };
    const answer = await this.askOk<{ event: Pdu }>(to, 'PUT', p`v2/invite/${room.roomId}/${eventId}`, body);
    return room.adopt(answer.event);
  }

  /** A transaction. @returns by event id what became of it */
  async transact(
    to: Reached,
    events: readonly RoomEvent[],
    edus: readonly Edu[] = [],
  ): Promise<Record<string, { error?: string }>> {
    const pdus = events.map(({ pdu }) => pdu);
    const body = { origin: this.name, origin_server_ts: Date.now(), pdus, edus: [...edus] };
    this.#transactions += 1;
    const path = `v1/send/${process.pid}-${Date.now()}-${this.#transactions}`;
    return (await this.askOk<{ pdus: Record<string, { error?: string }> }>(to, 'PUT', path, body)).pdus;
  }

  /** Waits for an event by transaction, or by `send_join` and its like into a room of this server. */
  pdu(what: string, fits: (pdu: Pdu) => boolean): Promise<Pdu> {
    return found(what, () => this.pdus.find(fits));
  }

  edu(what: string, fits: (edu: Edu) => boolean): Promise<Edu> {
    return found(what, () => this.edus.find(fits));
  }

  invitation(roomId: string): Promise<{ event: Pdu; state: JsonObject[] }> {
    return found('an invitation', () => this.invitations.find(({ event }) => event.room_id === roomId));
  }

  /** Waits for a request. @param begins its path, escaped as `encodeURIComponent` does */
  request(method: string, begins: string): Promise<Received> {
    const fits = (received: Received) =>
      received.method === method && plainPath(received.path).startsWith(begins);
    return found(`${method} ${begins}`, () => this.server.received.find(fits));
  }
}

function found<T>(what: string, look: () => T | undefined): Promise<T> {
  return eventually(async () => {
    const result = look();
    if (result === undefined) throw new Error(`${what} does not come`);
    return result;
  });
}
