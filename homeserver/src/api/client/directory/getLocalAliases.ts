import { openD1 } from '../../../../../platform/d1.ts';
import { aliasesOfRoom } from '../../../storage/d1/aliases.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidaliases
 * Whoever may read the state may ask.
 */
export const getLocalAliases = endpoint({
  operationId: 'getLocalAliases',
  method: 'GET',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/aliases',
    '/_matrix/client/unstable/org.matrix.msc2432/rooms/{roomId}/aliases',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    granted(await stubs.room(roomId).readStateEvent(userId, 'm.room.create', ''));
    return { aliases: await aliasesOfRoom(openD1(env.DB, config.meter), roomId) };
  },
});
