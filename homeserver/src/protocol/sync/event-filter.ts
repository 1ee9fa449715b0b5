import * as v from 'valibot';

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
