import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type { Range, StoredEvent } from '../../../storage/room/events.ts';
import { hasRelation } from '../../../storage/room/relations.ts';
import type { Room } from '../room.ts';

/**
 * The members of a RoomEventFilter that look at relations: `related_by_rel_types`, `related_by_senders`
 * (events that others relate to) and MSC3874's `rel_types`, `not_rel_types` (events that relate themselves).
 * @param ranges what the reader may see
 */
export function passesRelationFilter(
  room: Room,
  event: StoredEvent,
  ranges: readonly Range[],
  filter: JsonObject,
): boolean {
  const types = texts(filter.related_by_rel_types);
  const senders = texts(filter.related_by_senders);
  if (types && !relatedBy(room, event, ranges, types, senders)) return false;
  const relation = event.pdu.content['m.relates_to'];
  const own = isJsonObject(relation) ? relation.rel_type : undefined;
  const wanted = texts(filter['org.matrix.msc3874.rel_types'] ?? filter.rel_types);
  const unwanted = texts(filter['org.matrix.msc3874.not_rel_types'] ?? filter.not_rel_types);
  if (wanted && !(typeof own === 'string' && wanted.includes(own))) return false;
  return !(unwanted && typeof own === 'string' && unwanted.includes(own));
}

function relatedBy(
  room: Room,
  event: StoredEvent,
  ranges: readonly Range[],
  types: readonly string[],
  senders: readonly string[] | undefined,
): boolean {
  return types.some((type) =>
    senders
      ? senders.some((sender) => hasRelation(room.sqlite, event.eventId, type, ranges, sender))
      : hasRelation(room.sqlite, event.eventId, type, ranges),
  );
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}
