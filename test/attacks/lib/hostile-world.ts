import { expect } from 'vitest';
import { eventIdOf } from '../../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../../homeserver/src/protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../../../homeserver/src/protocol/room-versions.ts';
import { hashAndSign } from '../../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import {
  type FederatedRoost,
  type FederatedRoostOptions,
  startFederatedRoost,
} from '../../harness/federation/federated-roost.ts';
import { FederationServer } from '../../harness/federation/federation-server.ts';
import { Person, p } from './attacker.ts';

export interface Signed {
  pdu: JsonObject;
  eventId: string;
}

/** Rooms of these tests are of this version, where they are not of another server. */
const versionId = '11';

export function versionOf(id: string): RoomVersion {
  const version = roomVersion(id);
  if (!version) throw new Error(`no room version ${id}`);
  return version;
}

/** A server with two users, and another that lies to it. */
export class HostileWorld {
  readonly roost: FederatedRoost;
  readonly mallory: FederationServer;
  readonly alice: Person;
  readonly bob: Person;
  /** On Mallory's server. */
  readonly user: string;
  #transactions = 0;

  private constructor(roost: FederatedRoost, mallory: FederationServer, alice: Person, bob: Person) {
    this.roost = roost;
    this.mallory = mallory;
    this.alice = alice;
    this.bob = bob;
    this.user = `@mallory:${mallory.name}`;
  }

  static async start(options: Partial<FederatedRoostOptions> = {}): Promise<HostileWorld> {
    const ca = new CertificateAuthority();
    const roost = await startFederatedRoost({ ca, ...options });
    const mallory = await FederationServer.start({ ca });
    const alice = await Person.register(roost.url, 'alice');
    return new HostileWorld(roost, mallory, alice, await Person.register(roost.url, 'bob'));
  }

  async stop(): Promise<void> {
    await this.mallory.stop();
    await this.roost.stopAndRemove();
  }

  /** A public room of Alice's. */
  newRoom(more: object = {}): Promise<string> {
    return this.alice.createRoom({ preset: 'public_chat', room_version: versionId, ...more });
  }

  /** A signed request of Mallory's. @param path behind `/_matrix/federation/` */
  ask(method: string, path: string, body?: JsonObject) {
    return this.mallory.send(this.roost, method, `/_matrix/federation/${path}`, body);
  }

  async template(roomId: string, userId = this.user, membership = 'join'): Promise<JsonObject> {
    const path = p`v1/make_${membership}/${roomId}/${userId}?ver=${versionId}`;
    return (await this.ask('GET', path)).body.event as JsonObject;
  }

  sign(event: JsonObject, version = versionOf(versionId)): Signed {
    const { name, key } = this.mallory;
    const pdu = hashAndSign({ origin_server_ts: Date.now(), ...event }, version, name, key);
    return { pdu, eventId: eventIdOf(pdu as unknown as Pdu, version) };
  }

  async join(roomId: string): Promise<string> {
    const { pdu, eventId } = this.sign(await this.template(roomId));
    const { status, body } = await this.ask('PUT', p`v2/send_join/${roomId}/${eventId}`, pdu);
    expect([status, body.errcode]).toEqual([200, undefined]);
    return eventId;
  }

  /** An event of Mallory's user on the ends of the room. @param membership what may be had a template for */
  async message(
    roomId: string,
    body: string,
    more: JsonObject = {},
    membership = 'join',
  ): Promise<JsonObject> {
    const { prev_events, depth } = await this.template(roomId, this.user, membership);
    const state: { type: string; state_key: string; event_id: string }[] = await this.alice.ok(
      'GET',
      p`/v3/rooms/${roomId}/state`,
    );
    const own = state.filter(({ type, state_key }) => type === 'm.room.member' && state_key === this.user);
    const auth = state.filter(({ type }) => type === 'm.room.create' || type === 'm.room.power_levels');
    return {
      type: 'm.room.message',
      sender: this.user,
      room_id: roomId,
      content: { msgtype: 'm.text', body },
      prev_events: prev_events as string[],
      auth_events: [...auth, ...own].map(({ event_id }) => event_id),
      depth: depth as number,
      ...more,
    };
  }

  /** Sends a transaction, which must be taken. @returns what became of its events */
  async transact(pdus: JsonObject[], edus: JsonObject[] = []): Promise<Record<string, { error?: string }>> {
    const body = { origin: this.mallory.name, origin_server_ts: Date.now(), pdus, edus };
    this.#transactions += 1;
    const answer = await this.ask('PUT', `v1/send/${this.#transactions}`, body);
    expect(answer.status).toBe(200);
    return answer.body.pdus as Record<string, { error?: string }>;
  }

  /** What Alice sees in the room, by event id. */
  async contents(roomId: string): Promise<Record<string, JsonObject>> {
    const { chunk } = await this.alice.ok('GET', p`/v3/rooms/${roomId}/messages?dir=b&limit=100`);
    return Object.fromEntries(
      chunk.map(({ event_id, content }: { event_id: string; content: JsonObject }) => [event_id, content]),
    );
  }
}
