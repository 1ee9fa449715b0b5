import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, roomOf, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeysroomid */
export const deleteRoomKeysByRoomId = endpoint({
  operationId: 'deleteRoomKeysByRoomId',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/room_keys/keys/{roomId}', '/_matrix/client/unstable/room_keys/keys/{roomId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  async handler({ params, query, stubs }, { userId }) {
    const scope = { roomId: roomOf(params) };
    return changeAnswer(await stubs.userKeys(userId).deleteBackupSessions(requiredVersion(query), scope));
  },
});
