import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { algorithmField, authDataField } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3room_keysversion */
export const postRoomKeysVersion = endpoint({
  operationId: 'postRoomKeysVersion',
  method: 'POST',
  paths: ['/_matrix/client/v3/room_keys/version', '/_matrix/client/unstable/room_keys/version'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ algorithm: algorithmField, auth_data: authDataField }),
  async handler({ body, stubs }, { userId }) {
    return { version: await stubs.userKeys(userId).createBackup(body.algorithm, body.auth_data) };
  },
});
