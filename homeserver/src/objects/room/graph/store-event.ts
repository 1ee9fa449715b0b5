import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import { authEventIds, type Pdu } from '../../../protocol/pdu.ts';
import type { PowerState } from '../../../protocol/power-levels.ts';
import { redactionTarget, redactPdu } from '../../../protocol/redaction.ts';
import { putEarlyRedaction, takeEarlyRedactions } from '../../../storage/room/early-redactions.ts';
import {
  type EventVerdict,
  eventById,
  insertEvent,
  type LinePlace,
  newestPosition,
  nextHiddenPosition,
  rankAbove,
  type StoredEvent,
  storeRedaction,
} from '../../../storage/room/events.ts';
import { hasOtherServers } from '../../../storage/room/joined-servers.ts';
import { memberOf } from '../../../storage/room/members.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import {
  deleteRelations,
  extendRelations,
  insertRelations,
  type Relation,
} from '../../../storage/room/relations.ts';
import { deleteIndexed } from '../../../storage/room/search-index.ts';
import type { TransactionKey } from '../../room-rpc.ts';
import { isLocal } from '../delivery/followers.ts';
import type { Room } from '../room.ts';
import { ancestorsOf } from './ancestors.ts';
import { setOwnState } from './own-line.ts';
import { setOwnKey } from './place-event.ts';
import { mayRedact, powerState } from './redaction-refusal.ts';
import { indexEvent } from './searchable-text.ts';
import { authStateOf, pointBefore } from './state-point.ts';

export interface StoreInput {
  pdu: Pdu;
  eventId: EventId;
  transaction?: TransactionKey;
  /** Absent: it has all forward extremities before it. */
  place?: LinePlace;
  /** In a hole of the timeline; absent: at its end. */
  position?: number;
  /** Other servers in the room hear of it from this one. */
  isOurs?: boolean;
}

/** Relations that are bundled with their target; others (reactions) do not change how it is served. */
const bundledTypes = ['m.replace', 'm.thread', 'm.reference'];

/**
 * Writes an accepted event into the timeline, with all that follows from it: relation, redaction, and state if it
 * is on the room's own line. @returns its position
 */
export function storeEvent(room: Room, input: StoreInput): number {
  const { sqlite } = room;
  const { pdu, eventId, place } = input;
  const position = input.position ?? newestPosition(sqlite) + 1;
  const ancestors = ancestorsOf(room, pdu);
  const redacts = redactedEvent(room, pdu, place);
  const redactedBy = earlyRedaction(room, eventId, pdu);
  const stored: StoredEvent = {
    ...eventFields(room, eventId, redactedBy ? redactPdu(pdu, room.version) : pdu),
    position,
    verdict: 'accepted',
    place,
    redactedBy,
    affects: redacts
      ? [redacts.eventId, ...bundlingEvents(ancestorsOf(room, redacts.pdu))]
      : bundlingEvents(ancestors),
    transaction: input.transaction,
  };
  insertEvent(sqlite, stored, Date.now(), input.isOurs === true && concernsOthers(room, pdu));
  if (pdu.state_key !== undefined) {
    const key = { type: pdu.type, stateKey: pdu.state_key };
    if (place) setOwnKey(room, place, key, position);
    else setOwnState(room, key, position, stored);
  }
  if (!redactedBy) {
    insertRelations(sqlite, ancestors, stored);
    indexEvent(room, stored);
  }
  // Others may have come first that relate to it, and through it.
  extendRelations(sqlite, eventId, ancestors);
  if (redacts) redact(room, redacts, eventId);
  keepEarlyRedaction(room, pdu, eventId);
  return position;
}

/** Whether there is a server to tell: one in the room, or that of whose invitation this ends. */
function concernsOthers(room: Room, { type, state_key: target }: Pdu): boolean {
  if (hasOtherServers(room.sqlite)) return true;
  if (type !== 'm.room.member' || target === undefined || isLocal(room.config, target as UserId))
    return false;
  return memberOf(room.sqlite, target)?.membership === 'invite';
}

/** Keeps an event apart from the timeline. @returns its position */
export function storeHidden(
  room: Room,
  { pdu, eventId, place, verdict }: { pdu: Pdu; eventId: EventId; place?: LinePlace; verdict: EventVerdict },
): number {
  const position = nextHiddenPosition(room.sqlite);
  // Of a state it may be seen all the same.
  const redactedBy = earlyRedaction(room, eventId, pdu);
  const stored: StoredEvent = {
    ...eventFields(room, eventId, redactedBy ? redactPdu(pdu, room.version) : pdu),
    position,
    verdict,
    place,
    redactedBy,
    affects: [],
    transaction: undefined,
  };
  insertEvent(room.sqlite, stored, Date.now());
  if (place && verdict !== 'rejected' && pdu.state_key !== undefined) {
    setOwnKey(room, place, { type: pdu.type, stateKey: pdu.state_key }, position);
  }
  return position;
}

function eventFields(room: Room, eventId: EventId, pdu: Pdu) {
  const isState = pdu.state_key !== undefined;
  return {
    eventId,
    pdu,
    type: pdu.type,
    stateKey: pdu.state_key,
    sender: pdu.sender,
    originServerTs: pdu.origin_server_ts,
    rank: isState ? rankAbove(room.sqlite, authEventIds(pdu)) : undefined,
  };
}

/** The events that are served with the one that has these ancestors: what it edits, and the root of the thread. */
function bundlingEvents(ancestors: readonly Relation[]): EventId[] {
  const end = ancestors.findIndex(({ relType }) => !bundledTypes.includes(relType));
  return ancestors.slice(0, end < 0 ? 2 : Math.min(end, 2)).map(({ targetId }) => targetId);
}

/** The event that this one redacts, if it may. */
function redactedEvent(room: Room, pdu: Pdu, place: LinePlace | undefined): StoredEvent | undefined {
  const targetId = pdu.type === 'm.room.redaction' ? redactionTarget(pdu, room.version) : undefined;
  if (targetId === undefined) return undefined;
  const target = eventById(room.sqlite, targetId);
  return target && mayRedact(room, pdu, target, powerStateBefore(room, place)) ? target : undefined;
}

/** A redaction whose target is not there yet takes effect when that comes. */
function keepEarlyRedaction(room: Room, pdu: Pdu, eventId: EventId): void {
  const targetId = pdu.type === 'm.room.redaction' ? redactionTarget(pdu, room.version) : undefined;
  if (targetId === undefined || eventById(room.sqlite, targetId) || findPurged(room.sqlite, targetId)) return;
  putEarlyRedaction(room.sqlite, targetId, eventId);
}

/** The redaction that came before the event it redacts. */
function earlyRedaction(room: Room, eventId: EventId, pdu: Pdu): EventId | undefined {
  for (const redaction of takeEarlyRedactions(room.sqlite, eventId)) {
    const before = pointBefore(redaction);
    if (before && mayRedact(room, redaction.pdu, pdu, authStateOf(room, before))) return redaction.eventId;
  }
  return undefined;
}

function powerStateBefore(room: Room, place: LinePlace | undefined): PowerState {
  return place ? authStateOf(room, { line: place.line, at: 2 * place.step }) : powerState(room);
}

function redact(room: Room, { pdu, position }: StoredEvent, redactionId: EventId): void {
  if (position > 0) {
    deleteRelations(room.sqlite, ancestorsOf(room, pdu), position);
    deleteIndexed(room.sqlite, position);
  }
  storeRedaction(room.sqlite, position, redactPdu(pdu, room.version), redactionId);
}
