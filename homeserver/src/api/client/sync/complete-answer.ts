import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { SyncReply } from '../../../objects/user-sync-rpc.ts';
import { sectionsOf, selectInAnswer } from '../../../protocol/sync/event-fields.ts';
import { completeMembers, width } from './complete-members.ts';

/** Adds to an answer what only the rooms know, in place. */
export async function completeAnswer(stubs: Stubs, userId: UserId, reply: SyncReply): Promise<JsonObject> {
  const { answer, incomplete = [], federationFormat, eventFields = [] } = reply;
  await completeMembers(stubs, userId, incomplete, answer);
  if (federationFormat) await useFederationFormat(stubs, answer);
  selectInAnswer(answer, eventFields);
  return answer;
}

/**
 * Client-server API, "Filtering": `event_format`. The id, which newer room versions do not have in the event, and what
 * this server adds as `unsigned` stay, as clients cannot do without. What was purged meanwhile stays as it is.
 */
async function useFederationFormat(stubs: Stubs, answer: JsonObject): Promise<void> {
  const byRoom = Map.groupBy(sectionsOf(answer), ({ roomId }) => roomId);
  await mapConcurrently([...byRoom], width, async ([roomId, sections]) => {
    const ids = sections.flatMap(({ events }) => events.map((event) => event.event_id as EventId));
    if (ids.length === 0) return;
    const read = await stubs.room(roomId as RoomId).readPdus([...new Set(ids)]);
    const pdus = new Map<unknown, JsonObject>(read.map(({ eventId, pdu }) => [eventId, pdu]));
    for (const { section, events } of sections) {
      section.events = events.map((event) => {
        const { event_id, unsigned } = event;
        const pdu = pdus.get(event_id);
        if (!pdu || event_id === undefined) return event;
        const { unsigned: _, ...signed } = pdu;
        return { ...signed, event_id, ...(unsigned !== undefined && { unsigned }) };
      });
    }
  });
}
