import { eventAt } from '../../../storage/room/events.ts';
import type { PartialJoin, ReceivedEvent } from '../../room-rpc.ts';
import { readIncoming } from '../incoming/incoming-event.ts';
import { receiveEvent } from '../incoming/receive-event.ts';
import type { Room } from '../room.ts';
import { beginPartial } from './begin-partial.ts';

/**
 * A join to a room that is here already, through another server. If nothing is missing before it, the room goes on as it
 * was; else it has a gap, and who came and went meanwhile is to be fetched. The caller makes it one transaction.
 */
export function takePartialJoin(
  room: Room,
  { pdu, eventId, stateBefore, servers }: PartialJoin,
): ReceivedEvent {
  const incoming = readIncoming(room, pdu);
  if (incoming.kind === 'malformed') return incoming;
  const plain = receiveEvent(room, incoming, {});
  if (plain.kind !== 'missing') return plain;
  const wasPartial = room.isPartial ?? false;
  room.isPartial = true;
  const told = receiveEvent(room, incoming, { [eventId]: stateBefore });
  const isTaken = told.kind === 'accepted' && eventAt(room.sqlite, told.position) !== undefined;
  if (isTaken) beginPartial(room, eventId, told.position, servers);
  else room.isPartial = wasPartial;
  return told;
}
