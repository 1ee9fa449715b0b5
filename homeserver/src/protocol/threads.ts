import type { EventId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';

/** Root of the thread that an event with this content is in (client-server API, "Threading"). */
export function threadOf(content: JsonObject): EventId | undefined {
  const relation = content['m.relates_to'];
  if (!isJsonObject(relation) || relation.rel_type !== 'm.thread') return undefined;
  return typeof relation.event_id === 'string' ? (relation.event_id as EventId) : undefined;
}
