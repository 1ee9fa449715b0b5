import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { AuthState, Verdict } from '../auth-rules/authorize.ts';
import { eventIdOf, roomIdOfCreate } from '../event-hash.ts';
import type { EventReference, Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateOf } from '../state-map.ts';

/** Unsigned events for tests of rules, which do not look at signatures. */
export interface EventFields {
  type: string;
  sender: string;
  state_key?: string;
  content?: JsonObject;
  prev_events?: EventReference[];
  [key: string]: unknown;
}

export const creator = '@creator:one';

export interface TestRoom {
  version: RoomVersion;
  create: Pdu;
  roomId: RoomId;
  event(fields: EventFields): Pdu;
  member(userId: string, membership: string): Pdu;
  powerLevels(content: JsonObject): Pdu;
  joinRule(joinRule: string): Pdu;
  /** The create event and these. */
  state(...events: Pdu[]): AuthState;
}

/** A room of `creator`, with what its create event should say besides. */
export function testRoom(version: RoomVersion, createContent: JsonObject = {}): TestRoom {
  const create = createEvent(version, createContent);
  const roomId = roomIdOfCreate(create, version);
  const previous = reference('previous', version);
  const event = (fields: EventFields): Pdu =>
    ({
      room_id: roomId,
      content: {},
      prev_events: [previous],
      auth_events: [],
      depth: 5,
      origin_server_ts: 1,
      hashes: { sha256: '' },
      signatures: {},
      ...fields,
    }) as unknown as Pdu;
  const stateEvent = (type: string, content: JsonObject, sender: string = creator) =>
    event({ type, sender, state_key: '', content });
  return {
    version,
    create,
    roomId,
    event,
    member: (userId, membership) =>
      event({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership } }),
    powerLevels: (content) => stateEvent('m.room.power_levels', content),
    joinRule: (joinRule) => stateEvent('m.room.join_rules', { join_rule: joinRule }),
    state: (...events) => stateOf([create, ...events]),
  };
}

export function createEvent(version: RoomVersion, content: JsonObject = {}): Pdu {
  return {
    type: 'm.room.create',
    sender: creator as UserId,
    state_key: '',
    content: {
      room_version: version.id,
      ...(version.creator === 'content' ? { creator } : {}),
      ...content,
    },
    ...(version.roomIds === 'domain' ? { room_id: '!room:one' as RoomId } : {}),
    ...(version.eventIds === 'assigned' ? { event_id: '$create:one' } : {}),
    prev_events: [],
    auth_events: [],
    depth: 1,
    origin_server_ts: 1,
    hashes: { sha256: '' },
    signatures: {},
  } as unknown as Pdu;
}

/** Some event, in the form in which this version refers to events. */
export function reference(name: string, version: RoomVersion): EventReference {
  if (version.eventIds === 'assigned') return [`$${name}:one`, { sha256: '' }] as EventReference;
  return `$${name.padEnd(43, 'x')}` as EventReference;
}

export function referenceToCreate(room: TestRoom): EventReference {
  const eventId = eventIdOf(room.create, room.version);
  return room.version.eventIds === 'assigned' ? [eventId, { sha256: '' }] : eventId;
}

/** `allowed`, or the number of the rule that refuses. */
export function outcome(verdict: Verdict): string {
  return verdict.kind === 'allowed' ? 'allowed' : verdict.rule;
}
