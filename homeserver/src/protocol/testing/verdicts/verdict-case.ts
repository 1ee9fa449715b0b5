import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { checkAuthEvents, type NamedAuthEvent } from '../../auth-rules/auth-events.ts';
import { authTypesFor } from '../../auth-rules/auth-types.ts';
import { authorize } from '../../auth-rules/authorize.ts';
import { denied, type Verdict } from '../../auth-rules/verdict.ts';
import { referenceTo } from '../../event-hash.ts';
import type { Pdu } from '../../pdu.ts';
import { parsePdu } from '../../pdu-format.ts';
import type { RoomVersion } from '../../room-versions.ts';
import { stateMapKey, stateOf } from '../../state-map.ts';
import { createEvent, type EventFields, type TestRoom, testRoom } from '../room.ts';
import { joinRule, levels, member, users, usualLevels } from './events.ts';

/** An event and the room that it comes to, for every room version. */
export interface VerdictCase {
  name: string;
  /** Content of the create event, besides what the version demands. */
  create?: JsonObject;
  /** Added to the usual state, or in place of its events. */
  state?: readonly EventFields[];
  /** Event types of the usual state that the room lacks. */
  lacks?: readonly string[];
  event: EventFields | ((room: TestRoom) => EventFields);
  /** What the event names as its auth events, if not what the selection finds in the state. */
  auth?: (selected: NamedAuthEvent[], room: JudgedRoom) => NamedAuthEvent[];
  /** Versions in which the room cannot come to be are left out. */
  versions?: (version: RoomVersion) => boolean;
}

/** A room of a case, for those that choose auth events. */
export interface JudgedRoom extends TestRoom {
  /** An event of the room with an id of its own. */
  pdu(fields: EventFields): Pdu;
}

/** All that a verdict depends on, complete enough for another implementation. */
export interface Judgement {
  event: Pdu;
  state: Pdu[];
  auth: NamedAuthEvent[];
}

/** `creator`, `admin` (100), `mod` (50) and `user` (0) are in the room; one joins it only when invited. */
const usualState: readonly EventFields[] = [
  member(users.creator, 'join'),
  member(users.admin, 'join'),
  member(users.mod, 'join'),
  member(users.user, 'join'),
  levels(usualLevels),
  joinRule('invite'),
];

export function judgementOf(verdictCase: VerdictCase, version: RoomVersion): Judgement {
  const { create = {}, state = [], lacks = [], event } = verdictCase;
  const room = judgedRoom(version, create);
  const byKey = new Map<string, EventFields>();
  for (const fields of [...usualState, ...state]) {
    byKey.set(stateMapKey(fields.type, fields.state_key ?? ''), fields);
  }
  const present = [...byKey.values()].filter(({ type }) => !lacks.includes(type));
  const hasCreate = !lacks.includes('m.room.create');
  const stateEvents = [...(hasCreate ? [room.create] : []), ...present.map((fields) => room.pdu(fields))];

  const draft = room.pdu(typeof event === 'function' ? event(room) : event);
  const before = stateOf(stateEvents);
  const selected = authTypesFor(draft, version)
    .map(([type, stateKey]) => before.get(type, stateKey))
    .filter((pdu) => pdu !== undefined)
    .map((pdu) => ({ pdu, rejected: false }));
  const auth = verdictCase.auth?.(selected, room) ?? selected;
  const judged = { ...draft, auth_events: auth.map(({ pdu }) => referenceTo(pdu, version)) };
  return { event: judged, state: stateEvents, auth };
}

/** The event's format, then rule 3 on the auth events that it names, then the other rules on the state. */
export function verdictOf({ event, state, auth }: Judgement, version: RoomVersion): Verdict {
  const parsed = parsePdu(event, version);
  if (parsed.kind === 'malformed') return denied('format', parsed.reason);
  const verdict = checkAuthEvents(event, auth, version);
  return verdict.kind === 'allowed' ? authorize(event, stateOf(state), version) : verdict;
}

function judgedRoom(version: RoomVersion, createContent: JsonObject): JudgedRoom {
  const room = testRoom(version, createContent);
  let count = 0;
  const pdu = (fields: EventFields): Pdu => {
    const base =
      fields.type === 'm.room.create'
        ? { ...createEvent(version), ...fields, content: createContentOf(fields, version) }
        : room.event(fields);
    if (version.eventIds !== 'assigned') {
      const { event_id: _, ...withoutId } = base;
      return withoutId as Pdu;
    }
    if (fields.event_id !== undefined) return base as Pdu;
    count += 1;
    return { ...base, event_id: `$event${count}:${fields.sender.split(':')[1]}` as EventId } as Pdu;
  };
  return { ...room, pdu };
}

/** With what the version demands, unless the case says something of its own about it. */
function createContentOf({ sender, content = {} }: EventFields, version: RoomVersion): JsonObject {
  const creator = version.creator === 'content' && !('creator' in content) ? { creator: sender } : {};
  return JSON.parse(JSON.stringify({ room_version: version.id, ...creator, ...content }));
}
