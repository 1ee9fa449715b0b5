import * as v from 'valibot';
import type { ClientEvent } from '../../../../matrix/events.ts';

const maxEntries = 1000;
const names = v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(255))), v.maxLength(maxEntries)));

/** `EventFilter` of the client-server API. */
export const eventFilter = v.looseObject({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  types: names,
  not_types: names,
  senders: names,
  not_senders: names,
});

/** `RoomEventFilter`. */
export const roomEventFilter = v.looseObject({
  ...eventFilter.entries,
  rooms: names,
  not_rooms: names,
  contains_url: v.optional(v.boolean()),
  lazy_load_members: v.optional(v.boolean()),
  include_redundant_members: v.optional(v.boolean()),
  unread_thread_notifications: v.optional(v.boolean()),
});

export type EventFilter = v.InferOutput<typeof eventFilter>;
export type RoomEventFilter = v.InferOutput<typeof roomEventFilter>;

/** Whether a filter lets an event pass; account data and typing have no sender. */
export function passesFilter(
  filter: EventFilter | RoomEventFilter | undefined,
  event: Pick<ClientEvent, 'type' | 'content'> & { sender?: string },
): boolean {
  if (!filter) return true;
  if (filter.not_types?.some((pattern) => matchesWildcard(pattern, event.type))) return false;
  if (filter.types && !filter.types.some((pattern) => matchesWildcard(pattern, event.type))) return false;
  if (event.sender !== undefined) {
    if (filter.not_senders?.includes(event.sender)) return false;
    if (filter.senders && !filter.senders.includes(event.sender)) return false;
  }
  const containsUrl = filter.contains_url;
  return containsUrl === undefined || (typeof event.content.url === 'string') === containsUrl;
}

export function passesRooms(
  filter: { rooms?: string[] | undefined; not_rooms?: string[] | undefined } | undefined,
  roomId: string,
): boolean {
  if (filter?.not_rooms?.includes(roomId)) return false;
  return !filter?.rooms || filter.rooms.includes(roomId);
}

/** `*` stands for any text. Takes time linear in both, whatever the pattern. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let from = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - tail.length >= from && text.endsWith(tail);
}
