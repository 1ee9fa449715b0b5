import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, roomOf, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeysroomidsessionid */
export const deleteRoomKeyBySessionId = endpoint({
  operationId: 'deleteRoomKeyBySessionId',
  method: 'DELETE',
  paths: [
    '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}/{sessionId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  async handler({ params, query, stubs }, { userId }) {
    const scope = { roomId: roomOf(params), sessionId: params.sessionId ?? '' };
    return changeAnswer(await stubs.userKeys(userId).deleteBackupSessions(requiredVersion(query), scope));
  },
});
