import * as v from 'valibot';
import { administrator } from '../../../objects/room-rpc.ts';
import { filterField } from '../../client/messages/room-event-filter.ts';
import { positionToken } from '../../client/pagination-token.ts';
import { granted, integerField, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** Our own tokens alone; an empty one is none. */
const positionField = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^(p[0-9]{1,15})?$/, 'unknown token'),
    v.transform((token) => (token === '' ? undefined : Number(token.slice(1)))),
  ),
);

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-messages-api */
export const adminRoomMessages = endpoint({
  operationId: 'adminRoomMessages',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/messages'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    from: positionField,
    to: positionField,
    dir: v.optional(v.picklist(['b', 'f']), 'f'),
    limit: v.optional(integerField(1, 500), '10'),
    filter: v.optional(filterField),
  }),
  async handler({ params, query, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    granted(await room.facts());
    const page = granted(
      await room.readMessages({
        userId: administrator,
        dir: query.dir,
        limit: query.limit,
        ...(query.from !== undefined && { from: query.from }),
        ...(query.to !== undefined && { to: query.to }),
        ...(query.filter && { filter: query.filter }),
      }),
    );
    return {
      start: positionToken(page.start),
      ...(page.end !== undefined && { end: positionToken(page.end) }),
      chunk: page.chunk,
      state: page.state,
    };
  },
});
