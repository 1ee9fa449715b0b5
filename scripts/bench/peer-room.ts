import { authTypesFor } from '../../homeserver/src/protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../homeserver/src/protocol/build-event.ts';
import { eventIdOf, referenceTo } from '../../homeserver/src/protocol/event-hash.ts';
import type { EventReference, Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { hashAndSign } from '../../homeserver/src/protocol/signatures.ts';
import { stateMapKey } from '../../homeserver/src/protocol/state-map.ts';
import type { EventId, RoomId, UserId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { FederationServer } from '../../test/harness/federation/federation-server.ts';

const prefix = '/_matrix/federation';
const versionId = '11';

/** Where a server is reached without TLS. */
export interface Target {
  url: string;
  serverName: string;
}

/** A room of the measured server, and a user of another server who has joined it and talks there. */
export class PeerRoom {
  readonly roomId: RoomId;
  readonly #peer: FederationServer;
  readonly #userId: UserId;
  readonly #version: RoomVersion;
  readonly #auth: EventReference[];
  #newest: Pdu;

  private constructor(roomId: RoomId, peer: FederationServer, userId: UserId, state: Pdu[], joined: Pdu) {
    const version = roomVersion(versionId);
    if (!version) throw new Error(`no room version ${versionId}`);
    this.roomId = roomId;
    this.#peer = peer;
    this.#userId = userId;
    this.#version = version;
    this.#newest = joined;
    const byKey = new Map([...state, joined].map((pdu) => [stateMapKey(pdu.type, pdu.state_key ?? ''), pdu]));
    this.#auth = authTypesFor(
      { type: 'm.room.message', sender: userId, content: {}, state_key: undefined },
      version,
    )
      .map(([type, key]) => byKey.get(stateMapKey(type, key)))
      .filter((pdu) => pdu !== undefined)
      .map((pdu) => referenceTo(pdu, version));
  }

  /** `make_join` and `send_join`. */
  static async join(target: Target, peer: FederationServer, roomId: RoomId): Promise<PeerRoom> {
    const version = roomVersion(versionId) as RoomVersion;
    const userId = `@peer:${peer.name}` as UserId;
    const [room, user] = [roomId, userId].map(encodeURIComponent);
    const made = await peer.send(target, 'GET', `${prefix}/v1/make_join/${room}/${user}?ver=${versionId}`);
    if (made.status !== 200) throw new Error(`make_join: ${JSON.stringify(made.body)}`);
    const template = { ...(made.body.event as JsonObject), origin_server_ts: Date.now() };
    const joined = hashAndSign(template, version, peer.name, peer.key) as unknown as Pdu;
    const path = `${prefix}/v2/send_join/${room}/${encodeURIComponent(eventIdOf(joined, version))}`;
    const taken = await peer.send(target, 'PUT', path, joined as unknown as JsonObject);
    if (taken.status !== 200) throw new Error(`send_join: ${JSON.stringify(taken.body)}`);
    return new PeerRoom(roomId, peer, userId, taken.body.state as unknown as Pdu[], joined);
  }

  /** The next message. */
  message(text: string): { pdu: JsonObject; eventId: EventId } {
    const { pdu, eventId } = buildEvent({
      version: this.#version,
      roomId: this.roomId,
      sender: this.#userId,
      type: 'm.room.message',
      content: { msgtype: 'm.text', body: text },
      prevEvents: [referenceTo(this.#newest, this.#version)],
      authEvents: this.#auth,
      depth: this.#newest.depth + 1,
      originServerTs: Date.now(),
      serverName: this.#peer.name,
      signingKey: this.#peer.key,
    });
    this.#newest = pdu;
    return { pdu: pdu as unknown as JsonObject, eventId };
  }
}
