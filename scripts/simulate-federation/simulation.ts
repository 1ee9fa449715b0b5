import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { Random } from '../../homeserver/src/protocol/testing/random.ts';
import { version as versionById } from '../../homeserver/src/protocol/testing/versions.ts';
import { memberOf } from '../../homeserver/src/storage/room/members.ts';
import { readExtremities } from '../../homeserver/src/storage/room/room-row.ts';
import type { RoomId, ServerName } from '../../matrix/identifiers.ts';
import { disagreements, viewsOf } from './agreement.ts';
import { Beginning } from './beginning.ts';
import { EvilServer } from './evil-server.ts';
import { HonestDeeds } from './honest-deeds.ts';
import { Network } from './network.ts';
import { SimServer } from './sim-server.ts';
import type { VirtualTime } from './virtual-time.ts';

const versions = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '10',
  '10',
  '10',
  '11',
  '11',
  '11',
  '12',
  '12',
  '12',
  '12',
];
const hourMs = 60 * 60_000;
const maxServers = 20;

export interface Outcome {
  seed: number;
  version: string;
  servers: number;
  evil: number;
  events: number;
  /** Events whose state was told. */
  told: number;
  requests: number;
  problems: string[];
}

/** A room of many servers, of whom some mean harm, in a network that fails; and what they agree on once it is whole. */
export class Simulation {
  readonly #seed: number;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #network: Network;
  readonly #version: RoomVersion;
  readonly #honest: SimServer[];
  readonly #evil: EvilServer[];
  /**
   * What is told of a state cannot be checked: a server that believes a lie goes its own way, in every implementation.
   * Then those alone have to agree that were told none.
   */
  readonly #areStatesFalse: boolean;
  readonly #beginning: Beginning;
  readonly #early: SimServer[];
  readonly #roomId: RoomId;
  readonly #deeds: HonestDeeds;

  constructor(seed: number, time: VirtualTime) {
    time.reset();
    this.#seed = seed;
    this.#time = time;
    this.#random = new Random(seed);
    seedRandomness(new Random(seed + 2 ** 20));
    const random = this.#random;
    this.#version = versionById(random.pick(versions));
    this.#network = new Network(random, time);
    const count = random.chance(25) ? maxServers : 3 + random.below(7);
    const evil = random.chance(25) ? 0 : 1 + random.below(Math.ceil(count / 5));
    this.#honest = Array.from(
      { length: count - evil },
      (_, index) => new SimServer(index + 1, this.#network, time),
    );
    this.#evil = Array.from(
      { length: evil },
      (_, index) => new EvilServer(count - evil + index + 1, this.#network, time, random, this.#version),
    );
    this.#areStatesFalse = random.chance(12);
    for (const server of this.#evil) {
      server.friends = this.#evil.map(({ name }) => name);
      server.liesAboutStates = this.#areStatesFalse;
    }
    for (const server of this.#servers) this.#network.add(server);
    this.#early = this.#servers.filter((server) => server === this.#honest[0] || random.chance(85));
    this.#beginning = this.#begin();
    this.#roomId = this.#beginning.roomId;
    this.#deeds = new HonestDeeds(random, this.#servers, this.#roomId, this.#version);
  }

  async run(): Promise<Outcome> {
    await this.#live();
    this.#network.heal(this.#evil.map(({ name }) => name));
    await this.#deliverAll();
    await this.#joinEnds();
    const views = viewsOf(this.#honest, this.#roomId, this.#version).filter(
      ({ server }) => !this.#areStatesFalse || server.toldEvents.size === 0,
    );
    const honest = new Set<string>(this.#honest.map(({ name }) => name));
    return {
      seed: this.#seed,
      version: this.#version.id,
      servers: this.#servers.length,
      evil: this.#evil.length,
      events: Math.max(0, ...views.map(({ events }) => events.size)),
      told: this.#honest.reduce((sum, { toldEvents }) => sum + toldEvents.size, 0),
      requests: this.#network.counts.requests,
      problems: disagreements(views, honest),
    };
  }

  /** Its memory would else be kept: that of databases is not what the collector goes by. */
  close(): void {
    for (const server of this.#servers) server.close();
  }

  get #servers(): SimServer[] {
    return [...this.#honest, ...this.#evil];
  }

  /** Most are in the room from its beginning; some come later, if they find a way in. */
  #begin(): Beginning {
    const random = this.#random;
    const beginning = new Beginning(this.#version, 'sim', this.#servers, this.#time.nowMs);
    const [first, second] = this.#honest;
    const [creator] = first?.users ?? [];
    if (!creator) throw new Error('nobody makes the room');
    const ann = (server: SimServer | undefined) => server?.users[0] ?? creator;
    beginning.state(creator, 'm.room.create', { room_version: this.#version.id });
    beginning.state(creator, 'm.room.member', { membership: 'join' }, creator);
    const strong = this.#servers.filter(() => random.chance(30)).map((server) => [ann(server), 50]);
    const users = {
      ...Object.fromEntries([...strong, [ann(second), 100]]),
      ...(this.#version.creatorsHaveInfinitePower ? {} : { [creator]: 100 }),
    };
    if (this.#version.creatorsHaveInfinitePower) delete users[creator];
    beginning.state(creator, 'm.room.power_levels', { users, state_default: random.pick([0, 50]) });
    beginning.state(creator, 'm.room.join_rules', { join_rule: 'public' });
    beginning.state(creator, 'm.room.history_visibility', { history_visibility: 'shared' });
    for (const server of this.#early.slice(1)) {
      beginning.state(ann(server), 'm.room.member', { membership: 'join' }, ann(server));
    }
    return beginning;
  }

  /** The early ones have the beginning; all know each other's keys, or have to ask. */
  async #settleIn(): Promise<void> {
    const [create, ...others] = this.#beginning.events;
    if (!create) throw new Error('the room has no beginning');
    const asks = this.#servers.length <= 5;
    for (const server of this.#servers) {
      if (!asks) server.learnKeys(this.#servers, this.#time.nowMs + 7 * 24 * hourMs);
    }
    for (const server of this.#early) {
      const room = server.room(this.#roomId);
      const input = { roomVersion: this.#version.id, createEvent: { ...create }, events: [] };
      const created = await room.create(input);
      if (created.kind !== 'created') throw new Error(created.error);
      await room.receive({ pdus: others.map((pdu) => ({ ...pdu })) });
    }
    for (const server of this.#evil) server.roomId = this.#roomId;
  }

  async #live(): Promise<void> {
    await this.#settleIn();
    const random = this.#random;
    const late = this.#honest.filter((server) => !this.#early.includes(server));
    for (const server of late) {
      const [ann] = server.users;
      const afterMs = random.below(hourMs);
      if (ann) this.#time.after(afterMs, () => void this.#deeds.join(server, ann));
    }
    const steps = 8 + random.below(24);
    for (let step = 0; step < steps; step += 1) {
      if (random.chance(15)) this.#changeNetwork();
      if (random.chance(6)) random.pick(this.#servers).restart();
      if (this.#evil.length > 0 && random.chance(35)) {
        void random.pick(this.#evil).act(this.#honest.map(({ name }) => name));
      }
      void this.#deeds.act(random.pick(this.#honest));
      const pauseMs = random.chance(8) ? 2 * hourMs : random.chance(50) ? 200 : 60_000;
      await this.#time.runUntil(this.#time.nowMs + random.below(pauseMs));
    }
  }

  #changeNetwork(): void {
    const random = this.#random;
    this.#network.conditions = {
      loss: random.pick([0, 0, 5, 20]),
      duplicates: random.pick([0, 5, 30]),
      delayMs: random.pick([20, 2_000, 30_000]),
    };
    const names = this.#servers.map(({ name }) => name);
    const groups: ServerName[][] = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => []);
    for (const name of names) random.pick(groups).push(name);
    this.#network.divide(groups);
  }

  /** Until every way between honest servers is empty: they try again after up to six hours. */
  async #deliverAll(): Promise<void> {
    for (let hours = 0; hours < 48; hours += 1) {
      await this.#time.runUntil(this.#time.nowMs + hourMs);
      const health = await Promise.all(
        this.#honest.flatMap((server) =>
          this.#honest
            .filter((other) => other !== server)
            .map((other) => server.parts.stubs.destination(other.name).health()),
        ),
      );
      if (health.every(({ queued, roomsBehind }) => queued === 0 && roomsBehind === 0)) return;
    }
    throw new Error('not everything could be delivered');
  }

  /** Somebody who sees an end that another does not writes, until all see the same. */
  async #joinEnds(): Promise<void> {
    for (let round = 0; round < 3 * maxServers; round += 1) {
      const inside = this.#honest.filter(
        (server) => this.#deeds.isInside(server) && (!this.#areStatesFalse || server.toldEvents.size === 0),
      );
      const ends = inside.map((server) => this.#endsAt(server));
      const odd = inside.filter((_, index) => ends[index] !== ends[0] || ends[index]?.includes(' '));
      const writer = odd[this.#random.below(odd.length)];
      if (!writer) return;
      await this.#write(writer, round);
      await this.#time.runUntil(this.#time.nowMs + 60_000);
    }
    throw new Error('the ends of the graph are never the same');
  }

  #endsAt(server: SimServer): string {
    return readExtremities(server.stored(this.#roomId, this.#version).sqlite).toSorted().join(' ');
  }

  async #write(server: SimServer, round: number): Promise<void> {
    const { sqlite } = server.stored(this.#roomId, this.#version);
    const sender = server.users.find((userId) => memberOf(sqlite, userId)?.membership === 'join');
    if (!sender) throw new Error(`nobody of ${server.name} is in the room`);
    const content = { msgtype: 'm.text', body: `end ${round}` };
    const sent = await server.room(this.#roomId).append({ sender, type: 'm.room.message', content });
    if (sent.kind === 'denied') throw new Error(`${sender} may not write: ${sent.error}`);
  }
}

/** What the code takes from chance comes of the seed, too. */
function seedRandomness(random: Random): void {
  Math.random = () => random.below(2 ** 30) / 2 ** 30;
  Object.defineProperty(crypto, 'getRandomValues', {
    configurable: true,
    value: (bytes: Uint8Array) => bytes.map((_, index) => (bytes[index] = random.below(256))),
  });
}
