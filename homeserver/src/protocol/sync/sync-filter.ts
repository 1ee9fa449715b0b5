import * as v from 'valibot';
import { eventFilter, roomEventFilter } from './event-filter.ts';

const roomIds = v.optional(v.pipe(v.array(v.pipe(v.string(), v.startsWith('!'))), v.maxLength(1000)));
const userIdEntries = { senders: userIds(), not_senders: userIds() };

/** `Filter` of the client-server API, "Filtering". Unknown members are kept. */
export const syncFilter = v.looseObject({
  event_fields: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(1000))), v.maxLength(1000))),
  event_format: v.optional(v.picklist(['client', 'federation'])),
  presence: v.optional(eventFilter),
  account_data: v.optional(eventFilter),
  room: v.optional(
    v.looseObject({
      rooms: roomIds,
      not_rooms: roomIds,
      include_leave: v.optional(v.boolean()),
      state: v.optional(roomFilter()),
      timeline: v.optional(roomFilter()),
      ephemeral: v.optional(roomFilter()),
      account_data: v.optional(roomFilter()),
    }),
  ),
});

export type SyncFilter = v.InferOutput<typeof syncFilter>;

function roomFilter() {
  return v.looseObject({ ...roomEventFilter.entries, ...userIdEntries, rooms: roomIds, not_rooms: roomIds });
}

function userIds() {
  return v.optional(v.pipe(v.array(v.pipe(v.string(), v.startsWith('@'))), v.maxLength(1000)));
}
