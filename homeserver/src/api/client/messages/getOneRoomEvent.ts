import { endpoint } from '../../endpoint.ts';
import { eventIdParam, granted, roomIdParam, viewerOf } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomideventeventid */
export const getOneRoomEvent = endpoint({
  operationId: 'getOneRoomEvent',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/event/{eventId}'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    const room = stubs.room(roomIdParam(params.roomId));
    return granted(await room.readEvent(viewerOf(requester), eventIdParam(params.eventId))).event;
  },
});
