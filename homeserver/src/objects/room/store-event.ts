import { isMembership } from '../../../../matrix/events.ts';
import { type EventId, parseEventId, type UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { redactionTarget, redactPdu } from '../../protocol/redaction.ts';
import {
  eventById,
  insertEvent,
  newestPosition,
  type StoredEvent,
  storeRedaction,
} from '../../storage/room/events.ts';
import { markPending, memberOf, recount } from '../../storage/room/members.ts';
import {
  deleteRelations,
  insertRelations,
  maxRelationDepth,
  type Relation,
} from '../../storage/room/relations.ts';
import { writeExtremities } from '../../storage/room/room-row.ts';
import { setState } from '../../storage/room/state.ts';
import type { TransactionKey } from '../room-rpc.ts';
import { isLocal } from './followers.ts';
import { mayRedact } from './redaction-refusal.ts';
import type { Room } from './room.ts';

export interface StoreInput {
  pdu: Pdu;
  eventId: EventId;
  transaction?: TransactionKey;
}

/** Relations that are bundled with their target; others (reactions) do not change how it is served. */
const bundledTypes = ['m.replace', 'm.thread', 'm.reference'];

/**
 * Writes an accepted event that has all forward extremities before it, with all that follows from it: state,
 * relation, redaction. @returns its position
 */
export function storeEvent(room: Room, { pdu, eventId, transaction }: StoreInput): number {
  const { sqlite } = room;
  const position = newestPosition(sqlite) + 1;
  const ancestors = ancestorsOf(room, pdu);
  const redacts = redactedEvent(room, pdu);
  const stored = {
    position,
    eventId,
    type: pdu.type,
    stateKey: pdu.state_key,
    sender: pdu.sender as UserId,
    originServerTs: pdu.origin_server_ts,
    pdu,
    redactedBy: undefined,
    affects: redacts
      ? [redacts.eventId, ...bundlingEvents(ancestorsOf(room, redacts.pdu))]
      : bundlingEvents(ancestors),
    transaction,
  };
  insertEvent(sqlite, stored);
  if (pdu.state_key !== undefined) storeState(room, pdu, pdu.state_key, position);
  insertRelations(sqlite, ancestors, stored);
  if (redacts) redact(room, redacts, eventId);
  writeExtremities(sqlite, undefined);
  return position;
}

function storeState(room: Room, pdu: Pdu, stateKey: string, position: number): void {
  const change = { type: pdu.type, stateKey, since: position, position };
  const { membership } = pdu.content;
  if (pdu.type !== 'm.room.member' || !isMembership(membership)) {
    setState(room.sqlite, change);
    return;
  }
  const former = memberOf(room.sqlite, stateKey)?.membership;
  setState(room.sqlite, { ...change, membership });
  recount(room.sqlite, former, membership);
  if (isLocal(room.config, stateKey as UserId) && concernsMember(former, membership)) {
    markPending(room.sqlite, stateKey, position);
  }
}

/** Whether the user has to be told of the change as one of theirs; a ban from outside is none. */
function concernsMember(former: string | undefined, membership: string): boolean {
  const isIn = (value: string | undefined) => value === 'join' || value === 'invite' || value === 'knock';
  return former !== membership && (isIn(former) || isIn(membership));
}

function relationOf({ content, state_key }: Pdu): Relation | undefined {
  const relation = content['m.relates_to'];
  if (!isJsonObject(relation) || state_key !== undefined) return undefined;
  const { event_id: targetId, rel_type: relType } = relation;
  const target = typeof targetId === 'string' ? parseEventId(targetId) : undefined;
  return target && typeof relType === 'string' ? { targetId: target, relType } : undefined;
}

/** What an event relates to, what that relates to, and so on. */
function ancestorsOf(room: Room, pdu: Pdu): Relation[] {
  const ancestors: Relation[] = [];
  let relation = relationOf(pdu);
  while (relation && ancestors.length < maxRelationDepth) {
    ancestors.push(relation);
    const target = eventById(room.sqlite, relation.targetId);
    relation = target && relationOf(target.pdu);
  }
  return ancestors;
}

/** The events that are served with the one that has these ancestors: what it edits, and the root of the thread. */
function bundlingEvents(ancestors: readonly Relation[]): EventId[] {
  const end = ancestors.findIndex(({ relType }) => !bundledTypes.includes(relType));
  return ancestors.slice(0, end < 0 ? 2 : Math.min(end, 2)).map(({ targetId }) => targetId);
}

/** The event that this one redacts, if it may. */
function redactedEvent(room: Room, pdu: Pdu): StoredEvent | undefined {
  if (pdu.type !== 'm.room.redaction') return undefined;
  const targetId = redactionTarget(pdu, room.version);
  const target = targetId === undefined ? undefined : eventById(room.sqlite, targetId);
  return target && mayRedact(room, pdu, target) ? target : undefined;
}

function redact(room: Room, { pdu, position }: StoredEvent, redactionId: EventId): void {
  deleteRelations(room.sqlite, ancestorsOf(room, pdu), position);
  storeRedaction(room.sqlite, position, redactPdu(pdu, room.version), redactionId);
}
