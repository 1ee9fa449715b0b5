import { expect } from 'vitest';
import type { Pdu } from '../../../../homeserver/src/protocol/pdu.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { type Received, sendJson } from '../../../harness/federation/federation-server.ts';
import { skip } from '../conformance-test.ts';
import { hasEvent, type SyncAnswer } from '../events.ts';
import { eventually } from '../eventually.ts';
import { p } from '../http.ts';
import type { SyncOptions, User } from '../user.ts';
import type { FederatedRoom, RoomEvent } from './federated-room.ts';
import { TestServer } from './test-server.ts';

const base = '/_matrix/federation';

/** Whether a `send_join` may leave the members out. */
export function asksForLess(path = ''): boolean {
  return /[?&]omit_members=true/.test(path);
}

/** A filter by which members come with the events that they sent. */
export function lazy(timeline: object = {}): string {
  const lazily = { lazy_load_members: true };
  return JSON.stringify({ room: { state: lazily, timeline: { ...lazily, ...timeline } } });
}

/**
 * A room of the test server that a user joins, who is told no members: what of the state is missing is to be had only when
 * the test lets it be. Charlie, who made it, and Derek are in it.
 */
export class PartialJoin {
  readonly server: TestServer;
  readonly room: FederatedRoom;
  readonly user: User;
  readonly charlie: string;
  readonly derek: string;
  /** Events of which the state is told also while the rest is withheld. */
  readonly tells = new Set<string>();
  readonly release: () => void;
  readonly #released: Promise<void>;
  #asked: () => void = () => {};
  /** When the joining server asks for the rest. */
  readonly asked: Promise<void>;

  private constructor(server: TestServer, room: FederatedRoom, user: User) {
    this.server = server;
    this.room = room;
    this.user = user;
    this.charlie = server.user('charlie');
    this.derek = server.user('derek');
    const gate = Promise.withResolvers<void>();
    this.release = gate.resolve;
    this.#released = gate.promise;
    this.asked = new Promise((resolve) => {
      this.#asked = resolve;
    });
    this.#withhold();
  }

  /** @param prepare makes further members, before anybody joins */
  static async begin(user: User, prepare: (server: TestServer, room: FederatedRoom) => void = () => {}) {
    const server = await TestServer.start();
    const room = server.createRoom('10', server.user('charlie'));
    room.member(server.user('derek'));
    // So that nobody need be told for its name.
    room.state(server.user('charlie'), 'm.room.name', { name: 'Partial' });
    prepare(server, room);
    const join = new PartialJoin(server, room, user);
    // The state before it is that behind it.
    room.message(join.charlie, 'the last before the join');
    await user.join(room.roomId, {}, [server.name]);
    const [sent] = server.server.received.filter(({ path }) => path.startsWith(`${base}/v2/send_join/`));
    if (!asksForLess(sent?.path)) {
      await server.stop();
      skip('asks for the whole state when it joins, which is allowed');
    }
    return join;
  }

  get roomId(): string {
    return this.room.roomId;
  }

  /** A lazy sync of the user. */
  syncUntil(what: string, fits: (sync: SyncAnswer) => boolean, options: SyncOptions = {}) {
    return this.user.syncUntil(what, fits, { filter: lazy(), ...options });
  }

  /** Sends events, of which the last is waited for. */
  async tell(...events: RoomEvent[]): Promise<void> {
    await this.server.transact(this.server.toUserOf(this.user), events);
    const last = events.at(-1)?.eventId ?? '';
    await this.syncUntil('the event', hasEvent(this.roomId, last));
  }

  /** Sends an event, and waits until all that was sent before it has come, too, whatever became of that. */
  async tellWith(...events: RoomEvent[]): Promise<void> {
    await this.tell(...events, this.room.message(this.charlie, 'after it'));
  }

  /** The event comes at once; which state it was sent in is known later. */
  async expectReceived(event: RoomEvent): Promise<void> {
    const to = this.server.toUserOf(this.user);
    this.room.adopt(event.pdu);
    const answer = await this.server.transact(to, [event]);
    expect(answer[event.eventId]).toEqual({});
    await this.syncUntil('the event', hasEvent(this.roomId, event.eventId));
    await this.complete();
    await eventually(async () => {
      const path = `${p`v1/state_ids/${this.roomId}`}?event_id=${encodeURIComponent(event.eventId)}`;
      const state = await this.server.askOk<{ pdu_ids: string[] }>(to, 'GET', path);
      const expected = this.room.stateBefore(event.eventId).map(({ eventId }) => eventId);
      expect(new Set(state.pdu_ids)).toEqual(new Set(expected));
    });
  }

  /** Lets the rest of the state come, and waits until all members are known. */
  async complete(): Promise<void> {
    this.release();
    await this.user.ok('GET', p`/v3/rooms/${this.roomId}/members`);
  }

  /** What is under way may end. */
  async end(): Promise<void> {
    await this.complete().catch(() => {});
    await this.server.stop();
  }

  #withhold(): void {
    const { server } = this.server;
    server.on('PUT', `${base}/v2/send_join/*`, (received, response) => {
      sendJson(response, 200, this.#joinAnswer(received));
    });
    const answer = async (received: Received, response: Parameters<typeof sendJson>[0]) => {
      this.#asked();
      const eventId = new URL(received.path, 'https://test').searchParams.get('event_id') ?? '';
      if (!this.tells.has(eventId)) await this.#released;
      const state = this.room.stateBefore(eventId);
      const chain = this.room.authChain(state);
      const ids = (events: RoomEvent[]) => events.map((event) => event.eventId);
      const pdus = (events: RoomEvent[]) => events.map((event) => event.pdu);
      const json = received.path.includes('/state_ids/')
        ? { pdu_ids: ids(state), auth_chain_ids: ids(chain) }
        : { pdus: pdus(state), auth_chain: pdus(chain) };
      if (!response.destroyed) sendJson(response, 200, json);
    };
    server.on('GET', `${base}/v1/state_ids/*`, (received, response) => void answer(received, response));
    server.on('GET', `${base}/v1/state/*`, (received, response) => void answer(received, response));
  }

  #joinAnswer(received: Received): JsonObject {
    const { room, server } = this;
    const all = room.currentState();
    const join = room.adopt(received.body as Pdu);
    const omits = asksForLess(received.path);
    const state = omits ? all.filter(({ pdu }) => pdu.type !== 'm.room.member') : all;
    const told = new Set(state);
    const chain = room.authChain([...state, join]).filter((event) => !told.has(event));
    const users = room.joinedUsers();
    return {
      origin: server.name,
      members_omitted: omits,
      event: join.pdu,
      state: state.map(({ pdu }) => pdu),
      auth_chain: chain.map(({ pdu }) => pdu),
      servers_in_room: [...new Set(users.map((userId) => userId.slice(userId.indexOf(':') + 1)))],
    };
  }
}
