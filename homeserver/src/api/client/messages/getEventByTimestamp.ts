import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { granted, integerField, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event */
export const getEventByTimestamp = endpoint({
  operationId: 'getEventByTimestamp',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/timestamp_to_event',
    '/_matrix/client/unstable/org.matrix.msc3030/rooms/{roomId}/timestamp_to_event',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({
    ts: integerField(0, Number.MAX_SAFE_INTEGER),
    dir: v.picklist(['f', 'b']),
  }),
  async handler({ params, query, stubs }, { userId }) {
    const room = stubs.room(roomIdParam(params.roomId));
    const found = granted(await room.readByTime(userId, query.ts, query.dir));
    return { event_id: found.eventId, origin_server_ts: found.originServerTs };
  },
});
