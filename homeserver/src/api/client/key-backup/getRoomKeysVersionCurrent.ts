import { endpoint } from '../../endpoint.ts';
import { versionAnswer } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keysversion */
export const getRoomKeysVersionCurrent = endpoint({
  operationId: 'getRoomKeysVersionCurrent',
  method: 'GET',
  paths: ['/_matrix/client/v3/room_keys/version', '/_matrix/client/unstable/room_keys/version'],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    return versionAnswer(await stubs.userKeys(userId).getBackup());
  },
});
