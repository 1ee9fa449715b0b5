import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { requiredVersion, roomOf, versionQuery } from './backup-fields.ts';
import { firstPage } from './stream-backup.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeysroomidsessionid */
export const getRoomKeyBySessionId = endpoint({
  operationId: 'getRoomKeyBySessionId',
  method: 'GET',
  paths: [
    '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}/{sessionId}',
  ],
  auth: 'accessToken',
  query: versionQuery,
  async handler({ params, query, stubs }, { userId }) {
    const roomId = roomOf(params);
    const { sessionId = '' } = params;
    const page = await firstPage(stubs.userKeys(userId), requiredVersion(query), { roomId, sessionId });
    const session = page.rooms[roomId]?.[sessionId];
    if (!session) throw notFound('No such session in the backup');
    return session;
  },
});
