import { isMembership } from '../../../../matrix/events.ts';
import { type EventId, parseEventId, type UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { redactionTarget, redactPdu } from '../../protocol/redaction.ts';
import { eventById, insertEvent, newestPosition, storeRedaction } from '../../storage/room/events.ts';
import { markPending, memberOf } from '../../storage/room/members.ts';
import { insertRelation } from '../../storage/room/relations.ts';
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
  const relation = relationOf(pdu);
  const redacts = redactedEvent(room, pdu);
  insertEvent(sqlite, {
    position,
    eventId,
    type: pdu.type,
    stateKey: pdu.state_key,
    sender: pdu.sender as UserId,
    originServerTs: pdu.origin_server_ts,
    pdu,
    redactedBy: undefined,
    affects: redacts
      ? [redacts, ...bundleTargets(room, redacts)]
      : relation && bundledTypes.includes(relation.relType)
        ? [relation.targetId, ...bundleTargets(room, relation.targetId)]
        : [],
    transaction,
  });
  if (pdu.state_key !== undefined) storeState(room, pdu, pdu.state_key, position);
  if (relation) insertRelation(sqlite, { ...relation, position });
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
  if (isLocal(room.config, stateKey as UserId) && concernsMember(former, membership)) {
    markPending(room.sqlite, stateKey, position);
  }
}

/** Whether the user has to be told of the change as one of theirs; a ban from outside is none. */
function concernsMember(former: string | undefined, membership: string): boolean {
  const isIn = (value: string | undefined) => value === 'join' || value === 'invite' || value === 'knock';
  return former !== membership && (isIn(former) || isIn(membership));
}

function relationOf({ content, state_key }: Pdu): { targetId: EventId; relType: string } | undefined {
  const relation = content['m.relates_to'];
  if (!isJsonObject(relation) || state_key !== undefined) return undefined;
  const { event_id: targetId, rel_type: relType } = relation;
  const target = typeof targetId === 'string' ? parseEventId(targetId) : undefined;
  return target && typeof relType === 'string' ? { targetId: target, relType } : undefined;
}

/** The events that bundle this one: the root of its thread, what it edits. */
function bundleTargets(room: Room, eventId: EventId): EventId[] {
  const event = eventById(room.sqlite, eventId);
  const relation = event && relationOf(event.pdu);
  if (!relation || !bundledTypes.includes(relation.relType)) return [];
  const target = eventById(room.sqlite, relation.targetId);
  const above = target && relationOf(target.pdu);
  return [relation.targetId, ...(above ? [above.targetId] : [])];
}

/** The event that this one redacts, if it may. */
function redactedEvent(room: Room, pdu: Pdu): EventId | undefined {
  if (pdu.type !== 'm.room.redaction') return undefined;
  const targetId = redactionTarget(pdu, room.version);
  const target = targetId === undefined ? undefined : eventById(room.sqlite, targetId);
  return target && mayRedact(room, pdu, target) ? target.eventId : undefined;
}

function redact(room: Room, targetId: EventId, redactionId: EventId): void {
  const target = eventById(room.sqlite, targetId);
  if (target) storeRedaction(room.sqlite, target.position, redactPdu(target.pdu, room.version), redactionId);
}
