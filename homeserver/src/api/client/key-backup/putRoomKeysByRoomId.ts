import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, roomOf, sessionsField, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeysroomid */
export const putRoomKeysByRoomId = endpoint({
  operationId: 'putRoomKeysByRoomId',
  method: 'PUT',
  paths: ['/_matrix/client/v3/room_keys/keys/{roomId}', '/_matrix/client/unstable/room_keys/keys/{roomId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  body: v.object({ sessions: sessionsField }),
  async handler({ params, body, query, stubs }, { userId }) {
    const rooms = { [roomOf(params)]: body.sessions };
    return changeAnswer(await stubs.userKeys(userId).putBackupSessions(requiredVersion(query), rooms));
  },
});
