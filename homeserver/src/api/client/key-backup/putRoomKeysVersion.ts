import * as v from 'valibot';
import { fromDenial, invalidParam } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { algorithmField, authDataField } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keysversionversion */
export const putRoomKeysVersion = endpoint({
  operationId: 'putRoomKeysVersion',
  method: 'PUT',
  paths: [
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    algorithm: algorithmField,
    auth_data: authDataField,
    version: v.optional(v.string()),
  }),
  async handler({ params, body, stubs }, { userId }) {
    const { version = '' } = params;
    if (body.version !== undefined && body.version !== version) {
      throw invalidParam('The body names another version than the path');
    }
    const result = await stubs.userKeys(userId).updateBackup(version, body.algorithm, body.auth_data);
    if (result.kind === 'denied') throw fromDenial(result);
    return {};
  },
});
