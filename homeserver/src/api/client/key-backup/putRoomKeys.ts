import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { changeAnswer, requiredVersion, sessionsField, versionQuery } from './backup-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeys */
export const putRoomKeys = endpoint({
  operationId: 'putRoomKeys',
  method: 'PUT',
  paths: ['/_matrix/client/v3/room_keys/keys', '/_matrix/client/unstable/room_keys/keys'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: versionQuery,
  body: v.object({ rooms: v.record(v.string(), v.object({ sessions: sessionsField })) }),
  async handler({ body, query, stubs }, { userId }) {
    const rooms = Object.fromEntries(
      Object.entries(body.rooms).map(([roomId, { sessions }]) => [roomId, sessions]),
    );
    return changeAnswer(await stubs.userKeys(userId).putBackupSessions(requiredVersion(query), rooms));
  },
});
