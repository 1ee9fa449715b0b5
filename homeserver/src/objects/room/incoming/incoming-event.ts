import type { EventId } from '../../../../../matrix/identifiers.ts';
import { eventIdOf, hasValidContentHash } from '../../../protocol/event-hash.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { parsePdu } from '../../../protocol/pdu-format.ts';
import { redactPdu } from '../../../protocol/redaction.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { TransactionKey } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

/** An event of another server, whole or redacted, known by its id. */
export interface IncomingEvent {
  kind: 'event';
  pdu: Pdu;
  eventId: EventId;
  /** It came into the room through this server, so that the others hear of it from here. */
  isOurs?: boolean;
  /** By which the client that sent it knows it. */
  transaction?: TransactionKey;
  /** The room's policy server does not want it. */
  isRefusedByPolicy?: boolean;
}

/**
 * Server-server API, "Checks performed on receipt of a PDU", steps 1 and 3: the format, and the content hash. Of
 * an event whose content is not what was hashed only the redacted form is taken. Signatures (step 2) are checked by
 * who fetches keys. Whatever the other server put into `unsigned` is dropped.
 */
export function readIncoming(
  room: Room,
  value: unknown,
): IncomingEvent | { kind: 'malformed'; reason: string } {
  const parsed = parsePdu(value, room.version);
  if (parsed.kind === 'malformed') return parsed;
  const { unsigned: _, ...event } = parsed.pdu;
  const received = event as Pdu;
  const isCreate = received.type === 'm.room.create' && room.version.roomIds === 'createHash';
  if (!isCreate && received.room_id !== room.roomId) return { kind: 'malformed', reason: 'of another room' };
  const pdu = hasValidContentHash(received, room.version) ? received : redactPdu(received, room.version);
  const eventId = eventIdOf(pdu, room.version);
  if (pdu.prev_events.length === 0 && !isBeginning(room, pdu, eventId)) {
    return { kind: 'malformed', reason: 'nothing is before it' };
  }
  return { kind: 'event', pdu, eventId };
}

/** A room has one create event: another would be right by itself, and could replace the first in a resolution. */
function isBeginning(room: Room, { type }: Pdu, eventId: EventId): boolean {
  if (type !== 'm.room.create') return false;
  const create = stateEvent(room.sqlite, 'm.room.create', '');
  return create === undefined || create.eventId === eventId;
}
