import type { JsonObject } from '../../../matrix/json.ts';
import { matchesStars } from './glob.ts';

/** An EventFilter, or a RoomEventFilter; members of the wrong type are as if absent. */
type Filter = Readonly<Record<string, unknown>> | undefined;

/**
 * Client-server API, "Filtering": the members of a filter that look at the event alone. Exclusion wins.
 * Without a sender (account data, typing) what the filter says of senders is nothing.
 */
export function matchesEventFilter(
  event: { type: string; sender?: string; content: JsonObject },
  filter: Filter,
): boolean {
  if (!filter) return true;
  const { sender } = event;
  const hasType = (patterns: string[]) => patterns.some((pattern) => matchesStars(pattern, event.type));
  return (
    passes(filter.types, filter.not_types, hasType) &&
    (sender === undefined ||
      passes(filter.senders, filter.not_senders, (senders) => senders.includes(sender))) &&
    (typeof filter.contains_url !== 'boolean' ||
      filter.contains_url === (typeof event.content.url === 'string'))
  );
}

/** Whether the filter lets anything of a room through. */
export function matchesRoomFilter(roomId: string, filter: Filter): boolean {
  return !filter || passes(filter.rooms, filter.not_rooms, (rooms) => rooms.includes(roomId));
}

function passes(wanted: unknown, unwanted: unknown, matches: (list: string[]) => boolean): boolean {
  const [include, exclude] = [texts(wanted), texts(unwanted)];
  return (include === undefined || matches(include)) && !(exclude !== undefined && matches(exclude));
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}
