import { endpoint } from '../../endpoint.ts';
import { requiredVersion, roomOf, versionQuery } from './backup-fields.ts';
import { firstPage, streamRoom } from './stream-backup.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeysroomid */
export const getRoomKeysByRoomId = endpoint({
  operationId: 'getRoomKeysByRoomId',
  method: 'GET',
  paths: ['/_matrix/client/v3/room_keys/keys/{roomId}', '/_matrix/client/unstable/room_keys/keys/{roomId}'],
  auth: 'accessToken',
  query: versionQuery,
  async handler({ params, query, stubs }, { userId }) {
    const roomId = roomOf(params);
    const keys = stubs.userKeys(userId);
    const version = requiredVersion(query);
    return streamRoom(keys, version, roomId, await firstPage(keys, version, { roomId }));
  },
});
