import { fromDenial } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keysversionversion */
export const deleteRoomKeysVersion = endpoint({
  operationId: 'deleteRoomKeysVersion',
  method: 'DELETE',
  paths: [
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, stubs }, { userId }) {
    const result = await stubs.userKeys(userId).deleteBackup(params.version ?? '');
    if (result.kind === 'denied') throw fromDenial(result);
    return {};
  },
});
