import { type EventId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { prevEventIds } from '../../../protocol/pdu.ts';
import type { RoomVersion } from '../../../protocol/room-versions.ts';
import { Random } from '../../../protocol/testing/random.ts';
import { type RemoteFields, RemoteRoom } from './remote-room.ts';

export const localUsers = ['@alice:roost.test', '@bob:roost.test'] as const;
const remoteUsers = ['@creator:one', '@abe:one', '@bea:two', '@ben:two', '@cat:three', '@cyd:three'] as const;
const everybody: readonly string[] = [...remoteUsers, ...localUsers];

const kinds = [
  ...['message', 'message', 'message', 'message', 'reaction', 'edit', 'thread', 'redaction', 'redaction'],
  ...['topic', 'topic', 'name', 'joinRule', 'levels', 'levels', 'ban', 'remove', 'leave'],
  ...['join', 'join', 'join', 'joinVia', 'invite', 'knock', 'own'],
];

/** What a server knows of the room, and the ends of that. */
interface Server {
  known: Set<EventId>;
  heads: Set<EventId>;
}

/** Servers that do things in a room, each seeing late what the others do. */
export class RemoteHistory {
  readonly room: RemoteRoom;
  readonly random: Random;
  readonly #servers = new Map<string, Server>();

  constructor(version: RoomVersion, seed: number, name: string) {
    this.random = new Random(seed);
    this.room = new RemoteRoom(version, name);
    for (const server of ['one', 'two', 'three', 'roost.test']) {
      this.#servers.set(server, { known: new Set(), heads: new Set() });
    }
    const [creator] = remoteUsers;
    const named = version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
    const users = { ...named, '@bea:two': 100, '@cat:three': 50, '@alice:roost.test': 50 };
    const beginning: RemoteFields[] = [
      member(creator, 'join'),
      { type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users } },
      { type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } },
      ...['@abe:one', '@bea:two', '@cat:three', ...localUsers].map((user) => member(user, 'join')),
    ];
    let last = this.room.create.eventId;
    for (const fields of beginning) last = this.room.add(fields, [last]);
    for (const server of this.#servers.keys()) this.learn(server, last);
  }

  /** Some server does something. */
  step(): EventId {
    const name = this.random.pick(['one', 'two', 'three']);
    if (this.random.chance(55)) this.#hear(name, this.random.pick([...this.#servers.keys()]));
    const { heads } = this.#server(name);
    const after = [...heads].slice(-(1 + this.random.below(4)));
    if (this.random.chance(8)) after.splice(0, after.length, this.#anyKnown(name));
    const fields = this.#fields(name, after);
    const ts = this.random.chance(70) ? undefined : 1 + this.random.below(this.room.events.size + 3);
    const authFrom = this.random.chance(4) ? this.room.get(this.#anyKnown(name)).behind : undefined;
    const eventId = this.room.add(fields, after, {
      ...(ts === undefined ? {} : { ts }),
      ...(authFrom ? { authFrom } : {}),
    });
    this.learn(name, eventId);
    return eventId;
  }

  /** The server gets to know the event and all before it. */
  learn(name: string, eventId: EventId): void {
    const server = this.#server(name);
    if (server.known.has(eventId)) return;
    const prevEvents = prevEventIds(this.room.pdu(eventId));
    for (const id of prevEvents) this.learn(name, id);
    server.known.add(eventId);
    if (this.room.get(eventId).rejected && this.random.chance(85)) return;
    for (const id of prevEvents) server.heads.delete(id);
    server.heads.add(eventId);
  }

  #hear(name: string, other: string): void {
    const heads = [...this.#server(other).heads];
    const heard = this.random.chance(50) ? heads : heads.slice(0, 1);
    for (const eventId of heard) this.learn(name, eventId);
  }

  #server(name: string): Server {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no server ${name}`);
    return server;
  }

  #anyKnown(name: string): EventId {
    const known = [...this.#server(name).known];
    return this.random.pick(known.slice(-12));
  }

  #fields(server: string, after: readonly EventId[]): RemoteFields {
    const users = remoteUsers.filter((user) => serverNameOf(user as UserId) === server);
    if (this.random.chance(50)) users.reverse();
    const kind = this.random.pick(kinds);
    const target = this.random.pick(everybody);
    const aim = this.#anyKnown(server);
    const number = this.room.events.size;
    const choice = this.random.below(12);
    const tried = users.map((user) => this.#fieldsOf(kind, user, { target, aim, number, choice, after }));
    const lawful = tried.find((fields) => this.room.isAllowed(fields, after));
    const [first] = tried;
    if (!first) throw new Error('a server without users');
    return this.random.chance(88)
      ? (lawful ?? { type: 'm.room.message', sender: first.sender, content: { body: `${number}` } })
      : first;
  }

  #fieldsOf(
    kind: string,
    sender: string,
    more: { target: string; aim: EventId; number: number; choice: number; after: readonly EventId[] },
  ): RemoteFields {
    const { target, aim, number, choice, after } = more;
    const relation = (relType: string): RemoteFields => ({
      type: relType === 'm.annotation' ? 'm.reaction' : 'm.room.message',
      sender,
      content: { body: `${number}`, 'm.relates_to': { rel_type: relType, event_id: aim } },
    });
    const state = (type: string, content: JsonObject, stateKey = ''): RemoteFields => ({
      type,
      sender,
      stateKey,
      content: { 'org.example.number': number, ...content },
    });
    switch (kind) {
      case 'reaction':
        return relation('m.annotation');
      case 'edit':
        return relation('m.replace');
      case 'thread':
        return relation('m.thread');
      case 'redaction':
        return { type: 'm.room.redaction', sender, redacts: this.#redactable(), content: { number } };
      case 'topic':
      case 'name':
        return state(`m.room.${kind}`, { [kind]: `${number}` });
      case 'own':
        return state('org.example.own', {}, choice < 6 ? sender : target);
      case 'joinRule': {
        const rule = ['public', 'public', 'invite', 'knock', 'restricted', 'knock_restricted'][choice % 6];
        const allow = [{ type: 'm.room_membership', room_id: '!other:one' }];
        return state('m.room.join_rules', { join_rule: rule ?? 'public', allow });
      }
      case 'levels':
        return state('m.room.power_levels', this.#levels(target, choice, after));
      case 'ban':
        return member(target, 'ban', sender, number);
      case 'remove':
        return member(target, 'leave', sender, number);
      case 'invite':
        return member(target, 'invite', sender, number);
      case 'leave':
      case 'join':
      case 'knock':
        return member(sender, kind, sender, number);
      case 'joinVia': {
        const { content, ...fields } = member(sender, 'join', sender, number);
        return { ...fields, content: { ...content, join_authorised_via_users_server: target } };
      }
      default:
        return { type: 'm.room.message', sender, content: { body: `${number}` } };
    }
  }

  /** Nothing whose redaction could take the right of others: what is judged then depends on the time. */
  #redactable(): EventId {
    const events = [...this.room.events.values()].slice(-25).filter(({ pdu }) => {
      return ['m.room.message', 'm.reaction', 'm.room.topic', 'm.room.name', 'org.example.own'].includes(
        pdu.type,
      );
    });
    return events.length > 0 ? this.random.pick(events).eventId : this.room.create.eventId;
  }

  #levels(target: string, choice: number, after: readonly EventId[]): JsonObject {
    const current = this.room.find(this.room.resolve(after), 'm.room.power_levels')?.content ?? {};
    const { 'org.example.number': _, ...content } = current;
    const level = [0, 25, 50, 75, 100][choice % 5] ?? 0;
    if (choice === 0) return { ...content, events_default: 25 };
    if (choice === 1) return { ...content, events: { 'm.room.topic': level } };
    if (choice === 2) return { ...content, redact: level, ban: level };
    const users = isJsonObject(content.users) ? content.users : {};
    if (this.room.version.creatorsHaveInfinitePower && target === '@creator:one') return content;
    return { ...content, users: { ...users, [target]: level } };
  }
}

export function member(target: string, membership: string, sender = target, number = 0): RemoteFields {
  return {
    type: 'm.room.member',
    sender,
    stateKey: target,
    content: { membership, 'org.example.number': number },
  };
}
