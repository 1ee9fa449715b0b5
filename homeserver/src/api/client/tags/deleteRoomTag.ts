import { endpoint } from '../../endpoint.ts';
import { requireSelf, roomOf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3useruseridroomsroomidtagstag */
export const deleteRoomTag = endpoint({
  operationId: 'deleteRoomTag',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    await stubs.user(requester.userId).editTag(roomOf(params), params.tag ?? '');
    return {};
  },
});
