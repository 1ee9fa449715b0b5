import { authTypesFor } from '../../homeserver/src/protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../homeserver/src/protocol/build-event.ts';
import { referenceTo } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { stateMapKey } from '../../homeserver/src/protocol/state-map.ts';
import { version as versionById } from '../../homeserver/src/protocol/testing/versions.ts';
import type { RoomId, UserId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { FederationServer } from '../../test/harness/federation/federation-server.ts';

const version = versionById('11');

/**
 * A room with a member of each of these servers, which the first of them lets others into. So a measured server gets to have
 * many destinations by one join, and not by as many, each told to all before.
 */
export class HostedRoom {
  readonly roomId: RoomId;
  readonly host: FederationServer;
  readonly #state = new Map<string, Pdu>();
  #newest: Pdu | undefined;

  constructor(servers: readonly FederationServer[]) {
    const [host] = servers;
    if (!host) throw new Error('a room without a server');
    this.host = host;
    this.roomId = `!hosted:${host.name}` as RoomId;
    const creator = userOf(host);
    this.#add(host, 'm.room.create', { room_version: version.id });
    this.#add(host, 'm.room.member', { membership: 'join' }, creator);
    this.#add(host, 'm.room.power_levels', { users: { [creator]: 100 } });
    this.#add(host, 'm.room.join_rules', { join_rule: 'public' });
    for (const server of servers.slice(1)) {
      this.#add(server, 'm.room.member', { membership: 'join' }, userOf(server));
    }
    this.#answer();
  }

  #answer(): void {
    this.host.on('GET', '/_matrix/federation/v1/make_join/*', ({ path }, response) => {
      const userId = decodeURIComponent(path.split('?')[0]?.split('/').at(-1) ?? '') as UserId;
      const event = this.#build(this.host, userId, 'm.room.member', { membership: 'join' }, userId);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ room_version: version.id, event }));
    });
    this.host.on('PUT', '/_matrix/federation/v2/send_join/*', ({ body }, response) => {
      const state = [...this.#state.values()];
      const answer = {
        event: body,
        state,
        auth_chain: state,
        members_omitted: false,
        origin: this.host.name,
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  }

  #add(server: FederationServer, type: string, content: JsonObject, stateKey = ''): void {
    this.#newest = this.#build(server, userOf(server), type, content, stateKey);
    this.#state.set(stateMapKey(type, stateKey), this.#newest);
  }

  #build(server: FederationServer, sender: UserId, type: string, content: JsonObject, stateKey: string): Pdu {
    const authEvents = authTypesFor({ type, sender, content, state_key: stateKey }, version)
      .map(([authType, key]) => this.#state.get(stateMapKey(authType, key)))
      .filter((event) => event !== undefined);
    const { pdu } = buildEvent({
      version,
      roomId: this.roomId,
      sender,
      type,
      content,
      stateKey,
      prevEvents: this.#newest ? [referenceTo(this.#newest, version)] : [],
      authEvents: authEvents.map((event) => referenceTo(event, version)),
      depth: (this.#newest?.depth ?? 0) + 1,
      originServerTs: Date.now(),
      serverName: server.name,
      signingKey: server.key,
    });
    return pdu;
  }
}

function userOf({ name }: FederationServer): UserId {
  return `@peer:${name}` as UserId;
}
