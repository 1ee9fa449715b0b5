import { endpoint } from '../../endpoint.ts';
import { versionAnswer } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keysversionversion */
export const getRoomKeysVersion = endpoint({
  operationId: 'getRoomKeysVersion',
  method: 'GET',
  paths: [
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  async handler({ params, stubs }, { userId }) {
    return versionAnswer(await stubs.userKeys(userId).getBackup(params.version ?? ''));
  },
});
