import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidstate */
export const getRoomState = endpoint({
  operationId: 'getRoomState',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/state'],
  auth: 'accessToken',
  async handler({ params, stubs }, { userId }) {
    return granted(await stubs.room(roomIdParam(params.roomId)).readState(userId)).events;
  },
});
