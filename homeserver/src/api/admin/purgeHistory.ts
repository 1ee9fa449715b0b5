import * as v from 'valibot';
import { granted, roomIdParam } from '../client/room-requests.ts';
import { endpoint } from '../endpoint.ts';

/** What one request does at most; more is asked for again. */
const maxBatches = 20;

/**
 * Purges the messages of a room that are from before a time, and older than a day. If `next` is in the answer, there
 * is more to do: it goes into `after`.
 */
export const purgeHistory = endpoint({
  operationId: 'purgeHistory',
  method: 'POST',
  paths: ['/_roost/admin/v1/rooms/{roomId}/purge_history'],
  auth: 'admin',
  body: v.object({
    /** Epoch ms. */
    before_ts: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    after: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  }),
  async handler({ body, params, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    let purged = 0;
    let next: number | undefined = body.after;
    for (let batch = 0; batch < maxBatches && next !== undefined; batch += 1) {
      const step: { messages: number; next?: number } = granted(
        await room.purgeHistory(body.before_ts, next),
      );
      purged += step.messages;
      next = step.next;
    }
    return { purged, ...(next === undefined ? {} : { next }) };
  },
});
