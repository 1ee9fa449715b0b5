import { type Denial, denial, forbidden, notFound } from '../../../../matrix/errors.ts';
import { eventById } from '../../storage/room/events.ts';
import { findPurged } from '../../storage/room/purged-events.ts';
import { putReceipt, type Receipt } from '../../storage/room/receipts.ts';
import type { ReceiptInput } from '../room-rpc.ts';
import { mayBeJoined } from './partial/guess-members.ts';
import type { Room } from './room.ts';

export type ReceiptResult = { kind: 'stored'; receipt: Receipt } | { kind: 'unchanged' } | Denial;

/** Client-server API, "Receipts". A receipt for an event older than the present one changes nothing. */
export function setReceipt(room: Room, input: ReceiptInput, nowMs: number): ReceiptResult {
  if (!mayBeJoined(room, input.userId)) {
    return denial(forbidden('You are not in this room'));
  }
  const event = eventById(room.sqlite, input.eventId) ?? findPurged(room.sqlite, input.eventId);
  // Refused events, and those known from a state alone, are shown to nobody.
  if (!event || event.position < 0) return denial(notFound('No such event in this room'));
  const receipt: Receipt = {
    userId: input.userId,
    type: input.type,
    threadId: input.threadId ?? '',
    eventId: event.eventId,
    position: event.position,
    ts: input.ts ?? nowMs,
  };
  return putReceipt(room.sqlite, receipt) ? { kind: 'stored', receipt } : { kind: 'unchanged' };
}
