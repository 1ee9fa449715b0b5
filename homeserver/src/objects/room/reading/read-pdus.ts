import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { eventsById } from '../../../storage/room/events.ts';
import type { Room } from '../room.ts';

/** See `RoomRpc.readPdus`. What was redacted is so here, too. */
export function readPdus(
  { sqlite }: Room,
  eventIds: readonly EventId[],
): { eventId: EventId; pdu: JsonObject }[] {
  return eventsById(sqlite, eventIds).map(({ eventId, pdu }) => ({ eventId, pdu: { ...pdu } }));
}
