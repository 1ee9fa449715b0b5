import { readConfig } from '../../homeserver/src/config.ts';
import { request } from '../../homeserver/src/federation/federation-client.ts';
import { draftEvent } from '../../homeserver/src/objects/room/graph/append-event.ts';
import type { Room } from '../../homeserver/src/objects/room/room.ts';
import { referenceTo } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { hashAndSign } from '../../homeserver/src/protocol/signatures.ts';
import type { Random } from '../../homeserver/src/protocol/testing/random.ts';
import { type EventRow, eventColumns, fromEventRow } from '../../homeserver/src/storage/room/events.ts';
import { stateEvent } from '../../homeserver/src/storage/room/state.ts';
import type { RoomId, ServerName, UserId } from '../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../matrix/json.ts';
import { lie } from './lies.ts';
import type { Network } from './network.ts';
import { SimServer } from './sim-server.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Events, and to how many of the others they are sent, in percent; lists: each to others. */
type Deed = JsonObject[][];

const deeds = [
  ...['equivocate', 'equivocate', 'wrongAuth', 'badSignature', 'badHash', 'forge', 'backdate', 'backdate'],
  ...['grab', 'grab', 'oldGrab', 'flood', 'secretChain', 'secretChain', 'malformed'],
] as const;

/**
 * A server of people who mean harm. Inside it is as the others are, so that it knows the room; but it makes events that
 * nobody should make, sends each to whom it likes, and answers what it likes.
 */
export class EvilServer extends SimServer {
  readonly #random: Random;
  readonly #made: Pdu[] = [];
  #txnId = 0;
  roomId: RoomId | undefined;
  /** Whom it tells the truth. */
  friends: readonly string[] = [];
  /** Says of states what is not so; else it may refuse to say it. */
  liesAboutStates = false;
  readonly #version: RoomVersion;

  constructor(number: number, network: Network, time: VirtualTime, random: Random, version: RoomVersion) {
    super(number, network, time);
    this.#random = random;
    this.#version = version;
  }

  override async handle(asked: Request): Promise<Response> {
    const answer = await super.handle(asked.clone());
    const { roomId } = this;
    if (!roomId || !this.#random.chance(40) || this.friends.some((name) => isFrom(name, asked)))
      return answer;
    const known = this.holds(roomId) ? this.#known(this.stored(roomId, this.#version)) : [];
    return lie(asked, answer, this.#random, this.#made, known, this.liesAboutStates);
  }

  /** @param others whom it can do harm */
  async act(others: readonly ServerName[]): Promise<void> {
    if (!this.roomId || !this.holds(this.roomId)) return;
    const room = this.stored(this.roomId, this.#version);
    const kind = this.#random.pick(deeds);
    const parts = this.#deed(kind, room);
    // It believes in some of them itself, and builds on them.
    if (this.#random.chance(50)) await this.room(this.roomId).receive({ pdus: parts.flat() });
    const chosen = others.filter(() => this.#random.chance(60));
    await Promise.all(
      chosen.map((name) => {
        const pdus = parts.length > 0 ? this.#random.pick(parts) : [];
        return this.#send(name, pdus);
      }),
    );
  }

  #deed(kind: (typeof deeds)[number], room: Room): Deed {
    const random = this.#random;
    const [sender] = this.users as [UserId];
    const text = `${this.#made.length}`;
    const topic = (value: string) => ({ type: 'm.room.topic', stateKey: '', content: { topic: value } });
    const message = { type: 'm.room.message', content: { msgtype: 'm.text', body: text } };
    switch (kind) {
      case 'equivocate': {
        const both = random.chance(50)
          ? [topic(`${text}a`), topic(`${text}b`)]
          : ['leave', 'join'].map((membership) => ({
              type: 'm.room.member',
              stateKey: sender,
              content: { membership, reason: text },
            }));
        return both.map((fields) => [this.#make(room, { ...fields, sender })]);
      }
      case 'wrongAuth': {
        const known = this.#known(room).filter(({ pdu }) => pdu.state_key !== undefined);
        const some = known.filter(() => random.chance(30)).slice(0, 9);
        const authEvents = some.map(({ pdu }) => referenceTo(pdu, room.version));
        return [[this.#make(room, { ...topic(text), sender }, { auth_events: authEvents as never })]];
      }
      case 'badSignature': {
        const pdu = this.#make(room, { ...message, sender });
        return [[{ ...pdu, signatures: { [this.name]: { 'ed25519:sim': 'A'.repeat(86) } } }]];
      }
      case 'badHash':
        return [[{ ...this.#make(room, { ...topic(text), sender }), content: { topic: 'other' } }]];
      case 'forge': {
        const honest = '@ann:s1.sim:8448' as UserId;
        return [[this.#make(room, { ...topic('forged'), sender: honest })]];
      }
      case 'backdate': {
        const { pdu: old } = random.pick(this.#known(room));
        return [
          [
            this.#make(
              room,
              { ...random.pick([message, topic(text)]), sender },
              {
                prev_events: [referenceTo(old, room.version)] as never,
                depth: random.pick([old.depth + 1, 1, 2 ** 40]),
                origin_server_ts: random.pick([old.origin_server_ts, 0, old.origin_server_ts + 10 ** 9]),
              },
            ),
          ],
        ];
      }
      case 'grab':
      case 'oldGrab': {
        const known = this.#known(room);
        const { pdu: old } = random.pick(known);
        const from = kind === 'grab' ? {} : { prev_events: [referenceTo(old, room.version)] as never };
        const present = stateEvent(room.sqlite, 'm.room.power_levels', '')?.pdu.content ?? {};
        const users = isJsonObject(present.users) ? present.users : {};
        const content = { ...present, users: { ...users, [sender]: random.pick([100, 50, 51]) } };
        return [[this.#make(room, { type: 'm.room.power_levels', stateKey: '', content, sender }, from)]];
      }
      case 'flood': {
        const ends = Array.from({ length: 12 + random.below(20) }, (_, index) =>
          this.#make(room, { ...message, content: { body: `${text} ${index}` }, sender }),
        );
        return [ends, ends.slice(5)];
      }
      case 'secretChain': {
        const first = this.#make(room, { ...random.pick([topic(text), message]), sender });
        const next = this.#make(
          room,
          { ...random.pick([topic(`${text}b`), message]), sender },
          { prev_events: [referenceTo(first, room.version)] as never, depth: first.depth + 1 },
        );
        return [[next]];
      }
      case 'malformed':
        return [[{ ...this.#make(room, { ...message, sender }), depth: -5 }, { room_id: room.roomId }]];
      default:
        return kind satisfies never;
    }
  }

  /** An event by what this server knows, and no rule. */
  #make(
    room: Room,
    fields: { sender: UserId; type: string; stateKey?: string; content: JsonObject },
    instead: Partial<Pdu> = {},
  ): Pdu {
    const { pdu } = draftEvent(room, fields, Date.now());
    const { hashes: _hashes, signatures: _signatures, ...event } = { ...pdu, ...instead };
    const signed = hashAndSign(event, room.version, this.name, readConfig(this.env).signingKey) as Pdu;
    this.#made.push(signed);
    return signed;
  }

  #known(room: Room): { pdu: Pdu }[] {
    return room.sqlite
      .all<EventRow>(`SELECT ${eventColumns} FROM events e ORDER BY e.came_ms, e.event_id`)
      .map(fromEventRow);
  }

  async #send(to: ServerName, pdus: JsonObject[]): Promise<void> {
    this.#txnId += 1;
    await request(this.env, to, {
      method: 'PUT',
      path: `/_matrix/federation/v1/send/evil${this.#txnId}`,
      body: { origin: this.name, origin_server_ts: Date.now(), pdus },
      timeoutMs: 60_000,
      maxBytes: 1024 * 1024,
    });
  }
}

function isFrom(name: string, asked: Request): boolean {
  return asked.headers.get('authorization')?.includes(`"${name}"`) ?? false;
}
