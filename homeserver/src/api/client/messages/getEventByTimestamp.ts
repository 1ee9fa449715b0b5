import * as v from 'valibot';
import { findByTime } from '../../../federation/find-by-time.ts';
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
  async handler({ params, query: { ts, dir }, env, config, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const room = stubs.room(roomId);
    const read = () => room.readByTime(userId, ts, dir);
    let here = await read();
    const isAllowed = here.kind === 'found' || here.status === 404;
    const gap = isAllowed ? await room.gapAtTime(ts) : undefined;
    if (gap) {
      const foundMs = here.kind === 'found' ? here.originServerTs : undefined;
      const query = { timeMs: ts, dir, foundMs };
      if (await findByTime({ env, config, stubs }, roomId, gap, query)) here = await read();
    }
    const found = granted(here);
    return { event_id: found.eventId, origin_server_ts: found.originServerTs };
  },
});
