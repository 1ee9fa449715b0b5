import { authTypesFor } from '../../homeserver/src/protocol/auth-rules/auth-types.ts';
import { buildEvent } from '../../homeserver/src/protocol/build-event.ts';
import { roomIdOfCreate } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { stateMapKey } from '../../homeserver/src/protocol/state-map.ts';
import type { EventId, RoomId, UserId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';

export interface RemoteEvent {
  eventId: EventId;
  pdu: Pdu;
}

export interface EventFields {
  type: string;
  sender: UserId;
  stateKey?: string;
  content: JsonObject;
  /** Default: the newest event. */
  after?: readonly RemoteEvent[];
}

/** A state that events of a branch change. */
export type BranchState = Map<string, RemoteEvent>;

export const serverName = 'remote.bench';
export const signingKey = { keyId: 'ed25519:remote', seed: new Uint8Array(32).fill(7) };

/** A room of another server: makes events with the auth events that they should have, and keeps its state. */
export class RemoteRoom {
  readonly version: RoomVersion;
  readonly creator = user('creator');
  readonly roomId: RoomId;
  readonly state: BranchState = new Map();
  readonly create: RemoteEvent;
  #newest: RemoteEvent;
  #ts = 1_700_000_000_000;

  constructor(versionId: string, name: string) {
    const version = roomVersion(versionId);
    if (!version) throw new Error(`no room version ${versionId}`);
    this.version = version;
    this.roomId = `!${name}:${serverName}` as RoomId;
    const content = { room_version: versionId, name };
    this.create = this.#build({ type: 'm.room.create', sender: this.creator, stateKey: '', content }, []);
    if (version.roomIds === 'createHash') this.roomId = roomIdOfCreate(this.create.pdu, version);
    this.state.set(stateMapKey('m.room.create', ''), this.create);
    this.#newest = this.create;
  }

  get newest(): RemoteEvent {
    return this.#newest;
  }

  /** @param state of the branch; default: the room's */
  add(fields: EventFields, state: BranchState = this.state): RemoteEvent {
    const event = this.#build(fields, fields.after ?? [this.#newest], state);
    if (fields.stateKey !== undefined) state.set(stateMapKey(fields.type, fields.stateKey), event);
    if (state === this.state) this.#newest = event;
    return event;
  }

  /** Creator, power levels, join rules. */
  addBeginning(powerLevels: JsonObject = {}): RemoteEvent[] {
    const { creator } = this;
    const users = this.version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
    const state = (type: string, content: JsonObject, stateKey = '') =>
      this.add({ type, sender: creator, stateKey, content });
    return [
      this.member(creator),
      state('m.room.power_levels', { users, ...powerLevels }),
      state('m.room.join_rules', { join_rule: 'public' }),
      state('m.room.history_visibility', { history_visibility: 'shared' }),
    ];
  }

  member(userId: UserId, membership = 'join', sender = userId): RemoteEvent {
    const name = userId.slice(1, userId.indexOf(':'));
    const avatar = `mxc://${serverName}/${name.padEnd(24, 'x')}`;
    const content = { membership, displayname: `Member ${name}`, avatar_url: avatar };
    return this.add({ type: 'm.room.member', sender, stateKey: userId, content });
  }

  #build(
    { type, sender, stateKey, content }: EventFields,
    after: readonly RemoteEvent[],
    state: BranchState = this.state,
  ): RemoteEvent {
    this.#ts += 1000;
    const draft = { type, sender, content, state_key: stateKey };
    const authEvents = authTypesFor(draft, this.version).flatMap(
      ([authType, authKey]) => state.get(stateMapKey(authType, authKey))?.eventId ?? [],
    );
    return buildEvent({
      version: this.version,
      roomId: this.roomId,
      sender,
      type,
      content,
      ...(stateKey === undefined ? {} : { stateKey }),
      prevEvents: after.map(({ eventId }) => eventId),
      authEvents,
      depth: Math.max(0, ...after.map(({ pdu }) => pdu.depth)) + 1,
      originServerTs: this.#ts,
      serverName,
      signingKey,
    });
  }
}

export function user(name: string, server = serverName): UserId {
  return `@${name}:${server}` as UserId;
}
