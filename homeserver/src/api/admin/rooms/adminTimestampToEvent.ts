import * as v from 'valibot';
import { administrator } from '../../../objects/room-rpc.ts';
import { granted, integerField, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-messages-api */
export const adminTimestampToEvent = endpoint({
  operationId: 'adminTimestampToEvent',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/timestamp_to_event'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ts: integerField(0, Number.MAX_SAFE_INTEGER),
    dir: v.optional(v.picklist(['f', 'b']), 'f'),
  }),
  async handler({ params, query, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    granted(await room.facts());
    const found = granted(await room.readByTime(administrator, query.ts, query.dir));
    return { event_id: found.eventId, origin_server_ts: found.originServerTs };
  },
});
