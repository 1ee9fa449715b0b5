import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';

/** What an event relates to, as far as bridges care; anything malformed is as if it were not there. */
export interface EventRelations {
  replaces?: string;
  threadRoot?: string;
  repliesTo?: string;
  annotates?: { eventId: string; key: string };
}

export function relationsOf(content: JsonObject): EventRelations {
  const relates = content['m.relates_to'];
  if (!isJsonObject(relates)) return {};
  const { rel_type: type, event_id: eventId, key } = relates;
  const inReplyTo = relates['m.in_reply_to'];
  const target = isJsonObject(inReplyTo) ? inReplyTo.event_id : undefined;
  const repliesTo = typeof target === 'string' ? { repliesTo: target } : {};
  if (typeof eventId !== 'string') return repliesTo;
  switch (type) {
    case 'm.replace':
      return { replaces: eventId };
    case 'm.annotation':
      return typeof key === 'string' ? { annotates: { eventId, key } } : {};
    case 'm.thread':
      return { threadRoot: eventId, ...(relates.is_falling_back === true ? {} : repliesTo) };
    default:
      return repliesTo;
  }
}
