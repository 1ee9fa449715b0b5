import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey */
export const getRoomStateWithKey = endpoint({
  operationId: 'getRoomStateWithKey',
  method: 'GET',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  ],
  auth: 'accessToken',
  query: v.object({ format: v.optional(v.picklist(['content', 'event']), 'content') }),
  async handler({ params, query, stubs }, { userId }) {
    const { eventType = '', stateKey = '' } = params;
    const room = stubs.room(roomIdParam(params.roomId));
    const { event } = granted(await room.readStateEvent(userId, eventType, stateKey));
    return query.format === 'event' ? event : event.content;
  },
});
