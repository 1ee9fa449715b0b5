import { joinThrough } from '../../homeserver/src/federation/outbound/join-room.ts';
import type { AppendInput } from '../../homeserver/src/objects/room-rpc.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import type { Random } from '../../homeserver/src/protocol/testing/random.ts';
import { newestEventId } from '../../homeserver/src/storage/room/events.ts';
import { hasLocalMember } from '../../homeserver/src/storage/room/members.ts';
import { stateEvent } from '../../homeserver/src/storage/room/state.ts';
import type { RoomId, ServerName, UserId } from '../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../matrix/json.ts';
import type { SimServer } from './sim-server.ts';

const kinds = [
  ...['message', 'message', 'message', 'message', 'topic', 'topic', 'name', 'levels', 'levels', 'joinRule'],
  ...['ban', 'remove', 'unban', 'invite', 'leave', 'join', 'join', 'join', 'redaction', 'own'],
] as const;

/** What people of honest servers do: much of it is refused by their own server, and some by nobody. */
export class HonestDeeds {
  readonly #random: Random;
  readonly #everybody: readonly UserId[];
  readonly #servers: readonly SimServer[];
  readonly #roomId: RoomId;
  readonly #version: RoomVersion;
  #made = 0;

  constructor(random: Random, servers: readonly SimServer[], roomId: RoomId, version: RoomVersion) {
    this.#random = random;
    this.#servers = servers;
    this.#everybody = servers.flatMap(({ users }) => users);
    this.#roomId = roomId;
    this.#version = version;
  }

  async act(server: SimServer): Promise<void> {
    const sender = this.#random.pick(server.users);
    if (!this.isInside(server)) {
      if (this.#random.chance(30)) await this.join(server, sender);
      return;
    }
    this.#made += 1;
    await server.room(this.#roomId).append(this.#input(server, sender));
  }

  /** Comes in through some other server. */
  async join(server: SimServer, userId: UserId): Promise<void> {
    const others = this.#servers.filter((other) => other !== server).map(({ name }) => name);
    const through = [this.#random.pick(others), this.#random.pick(others)] as ServerName[];
    const own = { roomId: this.#roomId, userId, content: {} };
    await joinThrough(server.parts, through, own).catch(() => undefined);
  }

  /** Whether somebody of it is in the room. */
  isInside(server: SimServer): boolean {
    return server.holds(this.#roomId) && hasLocalMember(server.stored(this.#roomId, this.#version).sqlite);
  }

  #input(server: SimServer, sender: UserId): AppendInput {
    const text = `${this.#made}`;
    const state = (type: string, content: JsonObject, stateKey = '') => ({ sender, type, content, stateKey });
    const member = (userId: UserId, membership: string) => state('m.room.member', { membership }, userId);
    const kind = this.#random.pick(kinds);
    switch (kind) {
      case 'message':
        return { sender, type: 'm.room.message', content: { msgtype: 'm.text', body: text } };
      case 'topic':
      case 'name':
        return state(`m.room.${kind}`, { [kind]: text });
      case 'levels':
        return state('m.room.power_levels', this.#levels(server));
      case 'joinRule':
        return state('m.room.join_rules', { join_rule: this.#random.chance(70) ? 'public' : 'invite' });
      case 'own':
        return state('org.example.own', { text }, this.#random.chance(50) ? sender : text);
      case 'ban':
        return member(this.#random.pick(this.#everybody), 'ban');
      case 'remove':
      case 'unban':
        return member(this.#random.pick(this.#everybody), 'leave');
      case 'invite':
        return member(this.#random.pick(this.#everybody), 'invite');
      case 'leave':
        return member(sender, this.#random.chance(30) ? 'leave' : 'join');
      case 'join':
        return member(sender, 'join');
      case 'redaction': {
        const redacts = newestEventId(server.stored(this.#roomId, this.#version).sqlite);
        return { sender, type: 'm.room.redaction', content: {}, ...(redacts ? { redacts } : {}) };
      }
      default:
        return kind satisfies never;
    }
  }

  /** As they are, with somebody raised or lowered. */
  #levels(server: SimServer): JsonObject {
    const { sqlite } = server.stored(this.#roomId, this.#version);
    const present = stateEvent(sqlite, 'm.room.power_levels', '')?.pdu.content ?? {};
    const users = isJsonObject(present.users) ? present.users : {};
    const chosen = this.#random.pick(this.#everybody);
    return { ...present, users: { ...users, [chosen]: this.#random.pick([0, 25, 50, 50, 75]) } };
  }
}
