import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, roomOf, sessionField, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid */
export const putRoomKeyBySessionId = endpoint({
  operationId: 'putRoomKeyBySessionId',
  method: 'PUT',
  paths: [
    '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}/{sessionId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  body: sessionField,
  async handler({ params, body, query, stubs }, { userId }) {
    const rooms = { [roomOf(params)]: { [params.sessionId ?? '']: body } };
    return changeAnswer(await stubs.userKeys(userId).putBackupSessions(requiredVersion(query), rooms));
  },
});
