import type { JsonObject } from '../../../matrix/json.ts';
import { matchesStars } from './glob.ts';

/**
 * Client-server API, "Filtering": the members of an EventFilter or RoomEventFilter that look at the event
 * alone. Exclusion wins; members of the wrong type are as if absent.
 */
export function matchesEventFilter(
  event: { type: string; sender: string; content: JsonObject },
  filter: JsonObject,
): boolean {
  const hasType = (patterns: string[]) => patterns.some((pattern) => matchesStars(pattern, event.type));
  const hasSender = (senders: string[]) => senders.includes(event.sender);
  return (
    passes(filter.types, filter.not_types, hasType) &&
    passes(filter.senders, filter.not_senders, hasSender) &&
    (typeof filter.contains_url !== 'boolean' ||
      filter.contains_url === (typeof event.content.url === 'string'))
  );
}

/** Whether the filter lets anything of a room through. */
export function matchesRoomFilter(roomId: string, filter: JsonObject): boolean {
  return passes(filter.rooms, filter.not_rooms, (rooms) => rooms.includes(roomId));
}

function passes(wanted: unknown, unwanted: unknown, matches: (list: string[]) => boolean): boolean {
  const [include, exclude] = [texts(wanted), texts(unwanted)];
  return (include === undefined || matches(include)) && !(exclude !== undefined && matches(exclude));
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}
