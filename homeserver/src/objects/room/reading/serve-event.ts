import type { ClientEvent, Membership, StateEvent } from '../../../../../matrix/events.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { toClientEvent } from '../../../protocol/client-format.ts';
import { eventById, type Range, type StoredEvent } from '../../../storage/room/events.ts';
import type { Viewer } from '../../room-rpc.ts';
import { pointBefore, stateEventOf } from '../graph/state-point.ts';
import type { Room } from '../room.ts';
import { bundledAggregations } from './bundled-aggregations.ts';
import { maySeeAtPlace } from './reader-rights.ts';
import { isWithin } from './visible-ranges.ts';

/** For whom events are served; an application service is no user. */
export interface Viewing extends Partial<Viewer> {
  /** Present: `unsigned.age` is told. Deltas are kept by their followers, so they have none. */
  nowMs?: number;
  /** The viewer's membership behind an event; told so that clients know what they cannot decrypt, and why. */
  membershipAt?: (position: number) => Membership;
  /**
   * What the viewer may read, of which alone the other events that come with one are told. Asked only when
   * there are any. Absent: everything.
   */
  ranges?: () => readonly Range[];
}

/** Client format, `unsigned` complete: earlier state, redaction, bundled aggregations, transaction id. */
export function serveEvents(room: Room, events: readonly StoredEvent[], viewing: Viewing): ClientEvent[] {
  const serve = (event: StoredEvent, relations?: JsonObject) => serveEvent(room, event, viewing, relations);
  const bundles = bundledAggregations(room, events, viewing, serve);
  return events.map((event) => serve(event, bundles.get(event.eventId)));
}

/** State is served without bundled aggregations. */
export function serveStateEvents(room: Room, events: readonly StoredEvent[], viewing: Viewing): StateEvent[] {
  return events.map((event) => ({
    ...serveEvent(room, event, viewing, undefined),
    state_key: event.stateKey ?? '',
  }));
}

function serveEvent(
  room: Room,
  event: StoredEvent,
  viewing: Viewing,
  relations: JsonObject | undefined,
): ClientEvent {
  const isOwn =
    event.transaction !== undefined &&
    viewing.deviceId === event.transaction.deviceId &&
    viewing.userId === event.sender;
  const unsigned: JsonObject = {
    ...(viewing.nowMs === undefined ? {} : { age: Math.max(0, viewing.nowMs - event.originServerTs) }),
    ...formerState(room, event),
    ...redaction(room, event, viewing),
    ...(viewing.membershipAt ? { membership: viewing.membershipAt(event.position) } : {}),
    ...(relations ? { 'm.relations': relations } : {}),
    ...(isOwn ? { transaction_id: event.transaction?.txnId } : {}),
  };
  return toClientEvent(event.pdu, event.eventId, { roomId: room.roomId, unsigned }, room.version);
}

function formerState(room: Room, event: StoredEvent): JsonObject {
  const { type, stateKey } = event;
  const before = stateKey === undefined ? undefined : pointBefore(event);
  const former = before && stateEventOf(room.sqlite, before, type, stateKey ?? '');
  if (!former) return {};
  return {
    replaces_state: former.eventId,
    prev_content: former.pdu.content,
    prev_sender: former.sender,
  };
}

function redaction(room: Room, { redactedBy }: StoredEvent, viewing: Viewing): JsonObject {
  if (redactedBy === undefined) return {};
  const event = eventById(room.sqlite, redactedBy);
  // Purged.
  if (!event) return { redacted_by: redactedBy };
  const ranges = viewing.ranges?.();
  const isHidden = viewing.userId !== undefined && !maySeeAtPlace(room, viewing.userId, event);
  if (isHidden || (ranges && !isWithin(ranges, event.position))) return { redacted_by: event.eventId };
  return {
    redacted_by: event.eventId,
    redacted_because: { ...toClientEvent(event.pdu, event.eventId, { roomId: room.roomId }, room.version) },
  };
}
