import { endpoint } from '../../endpoint.ts';
import { requiredVersion, versionQuery } from './backup-fields.ts';
import { firstPage, streamBackup } from './stream-backup.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeys */
export const getRoomKeys = endpoint({
  operationId: 'getRoomKeys',
  method: 'GET',
  paths: ['/_matrix/client/v3/room_keys/keys', '/_matrix/client/unstable/room_keys/keys'],
  auth: 'accessToken',
  query: versionQuery,
  async handler({ query, stubs }, { userId }) {
    const keys = stubs.userKeys(userId);
    const version = requiredVersion(query);
    return streamBackup(keys, version, await firstPage(keys, version, {}));
  },
});
