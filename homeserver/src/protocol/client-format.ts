import type { ClientEvent } from '../../../matrix/events.ts';
import type { EventId, RoomId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Pdu } from './pdu.ts';
import { redactionTarget } from './redaction.ts';
import type { RoomVersion } from './room-versions.ts';

/**
 * Client-server API, "Room event format". Redactions name their target both at the top level and in
 * `content`, for clients that know one of the two.
 * @param options.roomId absent in `/sync`, whose events are listed by room
 * @param options.unsigned what this server adds; nothing of the PDU's own `unsigned` is shown
 */
export function toClientEvent(
  pdu: Pdu,
  eventId: EventId,
  options: { roomId?: RoomId; unsigned?: JsonObject },
  version: RoomVersion,
): ClientEvent {
  const event: ClientEvent = {
    event_id: eventId,
    type: pdu.type,
    sender: pdu.sender,
    origin_server_ts: pdu.origin_server_ts,
    content: pdu.content,
  };
  if (options.roomId !== undefined) event.room_id = options.roomId;
  if (pdu.state_key !== undefined) event.state_key = pdu.state_key;
  const target = pdu.type === 'm.room.redaction' ? redactionTarget(pdu, version) : undefined;
  if (target !== undefined) {
    event.redacts = target;
    event.content = { ...pdu.content, redacts: target };
  }
  if (options.unsigned && Object.keys(options.unsigned).length > 0) event.unsigned = options.unsigned;
  return event;
}
