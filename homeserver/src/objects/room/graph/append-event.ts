import { badJson, type Denial, denial, forbidden, notFound, tooLarge } from '../../../../../matrix/errors.ts';
import { isMembership } from '../../../../../matrix/events.ts';
import { type EventId, type UserId, utf8Length } from '../../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import { limits } from '../../../../../matrix/limits.ts';
import { log } from '../../../../../platform/log.ts';
import { authorize } from '../../../protocol/auth-rules/authorize.ts';
import { buildEvent } from '../../../protocol/build-event.ts';
import { CanonicalJsonError, canonicalJson } from '../../../protocol/canonical-json.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { sizeProblem } from '../../../protocol/pdu-format.ts';
import { creatorsOf } from '../../../protocol/power-levels.ts';
import { eventOfTransaction } from '../../../storage/room/events.ts';
import { hasOtherServers } from '../../../storage/room/joined-servers.ts';
import { hasLocalMember, memberOf } from '../../../storage/room/members.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { AppendInput } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { annotationRefusal } from './annotation-refusal.ts';
import { assignedEventId, authEventsFor, references } from './event-references.ts';
import { advanceExtremities, extremityEvents, followsOnAll, newestIsExtremity } from './extremities.ts';
import { resolveOwnLine } from './own-line.ts';
import { makePlace, stateBefore } from './place-event.ts';
import { redactionRefusal } from './redaction-refusal.ts';
import { ownAuthState } from './state-point.ts';
import { type StoreInput, storeEvent } from './store-event.ts';

/** `known`: the event was there already, by the same transaction or with the same state. */
export type Appended = { kind: 'stored' | 'known'; eventId: EventId; position: number };

/**
 * Accepts an event of a local user: on the forward extremities, if the rules of the room version allow it by
 * the current state. Synchronous, so that what it read cannot change before it writes; the caller makes it
 * one transaction.
 */
export function appendEvent(room: Room, input: AppendInput, nowMs: number): Appended | Denial {
  const draft = draftAppend(room, input, nowMs);
  if (draft.kind !== 'drafted') return draft;
  const { pdu, eventId } = draft;
  const { transaction } = input;
  const position = store(room, { pdu, eventId, isOurs: true, ...(transaction ? { transaction } : {}) });
  return { kind: 'stored', eventId, position };
}

/** The event that `appendEvent` would store now. */
export function draftAppend(
  room: Room,
  input: AppendInput,
  nowMs: number,
): { kind: 'drafted'; pdu: Pdu; eventId: EventId } | Appended | Denial {
  const repeated = eventOfTransactionKey(room, input);
  if (repeated) return repeated;
  const malformed = inputRefusal(input) ?? membershipRefusal(room, input);
  if (malformed) return malformed;
  const same = equalState(room, input);
  if (same) return same;
  const draft = draftEvent(room, input, nowMs);
  const oversize = sizeProblem(draft.pdu, room.version);
  if (oversize) return denial(tooLarge(oversize));
  const refusal =
    formRefusal(room, draft.pdu) ??
    authorizationRefusal(room, draft.pdu) ??
    redactionRefusal(room, draft.pdu) ??
    annotationRefusal(room, input);
  return refusal ?? { kind: 'drafted', ...draft };
}

/** It follows on all extremities, unless there are more than one event can name. */
function store(room: Room, input: StoreInput): number {
  if (followsOnAll(room, input.pdu)) {
    const position = storeEvent(room, input);
    newestIsExtremity(room);
    return position;
  }
  const place = makePlace(room, stateBefore(room, extremityEvents(room)));
  const extremities = readExtremities(room.sqlite);
  const position = storeEvent(room, { ...input, place });
  advanceExtremities(room, extremities, input);
  resolveOwnLine(room, position);
  return position;
}

function eventOfTransactionKey(room: Room, { sender, type, transaction }: AppendInput): Appended | undefined {
  const earlier = transaction && eventOfTransaction(room.sqlite, { sender, type, ...transaction });
  return earlier && { kind: 'known', ...earlier };
}

export function inputRefusal({ type, stateKey, content }: AppendInput): Denial | undefined {
  if (
    utf8Length(type) > limits.maxIdentifierBytes ||
    utf8Length(stateKey ?? '') > limits.maxIdentifierBytes
  ) {
    return denial(tooLarge('type and state_key have at most 255 bytes'));
  }
  try {
    canonicalJson(content);
    return undefined;
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error;
    return denial(badJson(`content: ${error.message}`));
  }
}

/** Setting state to what it is makes no event. */
function equalState(room: Room, { sender, type, stateKey, content }: AppendInput): Appended | undefined {
  const current = stateKey === undefined ? undefined : stateEvent(room.sqlite, type, stateKey);
  if (!current || current.sender !== sender || current.redactedBy !== undefined) return undefined;
  if (canonicalJson(current.pdu.content) !== canonicalJson(content)) return undefined;
  return { kind: 'known', eventId: current.eventId, position: current.position };
}

export function membershipRefusal(room: Room, input: AppendInput): Denial | undefined {
  if (input.type !== 'm.room.member' || input.stateKey === undefined) return undefined;
  if (!isMembership(input.content.membership)) return denial(badJson('content.membership is none'));
  if (isAbandoned(room, input.sender)) return denial(notFound('Nobody of this server is in the room'));
  if (isDoubtfulJoin(room, input)) return denial(notFound('The members of the room are not known yet'));
  if (!input.onlyFrom) return undefined;
  const present = memberOf(room.sqlite, input.stateKey)?.membership ?? 'leave';
  return input.onlyFrom.includes(present)
    ? undefined
    : denial(forbidden(`The user's membership is ${present}`));
}

/** The room went on elsewhere since the last user of this server left: one comes back through another server. */
function isAbandoned({ sqlite }: Room, sender: UserId): boolean {
  return (
    memberOf(sqlite, sender)?.membership !== 'join' && hasOtherServers(sqlite) && !hasLocalMember(sqlite)
  );
}

/** Whether the user was banned, say, other servers know. */
function isDoubtfulJoin(room: Room, { sender, stateKey, content }: AppendInput): boolean {
  if (!room.isPartial || stateKey !== sender || content.membership !== 'join') return false;
  return memberOf(room.sqlite, sender)?.membership !== 'join';
}

export function draftEvent(room: Room, input: AppendInput, nowMs: number): { pdu: Pdu; eventId: EventId } {
  const { version, config } = room;
  const { sender, type, stateKey, content } = input;
  const prevEvents = extremityEvents(room);
  return buildEvent({
    sender,
    type,
    content,
    ...(stateKey === undefined ? {} : { stateKey }),
    ...(input.redacts === undefined ? {} : { redacts: input.redacts }),
    ...(version.eventIds === 'assigned' ? { eventId: assignedEventId(config.serverName) } : {}),
    version,
    roomId: room.roomId,
    prevEvents: references(room, prevEvents),
    authEvents: references(room, authEventsFor(room, { sender, type, content, state_key: stateKey })),
    depth: Math.min(Math.max(0, ...prevEvents.map(({ pdu }) => pdu.depth)) + 1, Number.MAX_SAFE_INTEGER),
    originServerTs: input.originServerTs ?? nowMs,
    serverName: config.serverName,
    signingKey: config.signingKey,
  });
}

/** What no power would help against. The rules refuse it, too, but to a client it is a mistake and no prohibition. */
function formRefusal({ sqlite, version }: Room, { sender, type, content }: Pdu): Denial | undefined {
  if (memberOf(sqlite, sender)?.membership !== 'join') return undefined;
  if (type === 'm.room.create') return denial(badJson('A room has its create event already'));
  if (type !== 'm.room.power_levels' || !version.creatorsHaveInfinitePower) return undefined;
  const creators = creatorsOf({ get: (of, key) => stateEvent(sqlite, of, key)?.pdu }, version);
  const users = isJsonObject(content.users) ? Object.keys(content.users) : [];
  return users.some((userId) => creators.has(userId)) ? denial(badJson('Creators have no level')) : undefined;
}

export function authorizationRefusal(room: Room, pdu: Pdu): Denial | undefined {
  const verdict = authorize(pdu, ownAuthState(room), room.version);
  if (verdict.kind === 'allowed') return undefined;
  log('debug', 'room.refused', { roomId: room.roomId, rule: verdict.rule, reason: verdict.reason });
  return denial(forbidden(verdict.reason));
}
