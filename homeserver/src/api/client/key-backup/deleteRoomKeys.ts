import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeys */
export const deleteRoomKeys = endpoint({
  operationId: 'deleteRoomKeys',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/room_keys/keys', '/_matrix/client/unstable/room_keys/keys'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  async handler({ query, stubs }, { userId }) {
    const scope = {};
    return changeAnswer(await stubs.userKeys(userId).deleteBackupSessions(requiredVersion(query), scope));
  },
});
