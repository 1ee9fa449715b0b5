import * as v from 'valibot';
import { granted, integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid */
export const getEventByTimestampForServer = endpoint({
  operationId: 'getEventByTimestamp',
  method: 'GET',
  paths: ['/_matrix/federation/v1/timestamp_to_event/{roomId}'],
  auth: 'server',
  query: v.object({
    ts: integerField(0, Number.MAX_SAFE_INTEGER),
    dir: v.picklist(['f', 'b']),
  }),
  async handler({ params, query: { ts, dir }, stubs }, { origin }) {
    const found = granted(await stubs.room(roomIdParam(params)).eventAtTimeFor(origin, ts, dir));
    return { event_id: found.eventId, origin_server_ts: found.originServerTs };
  },
});
