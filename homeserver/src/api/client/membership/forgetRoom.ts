import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidforget */
export const forgetRoom = endpoint({
  operationId: 'forgetRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/forget'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    granted(await stubs.room(roomId).forget(userId));
    granted(await stubs.user(userId).forgetRoom(roomId));
    return {};
  },
});
