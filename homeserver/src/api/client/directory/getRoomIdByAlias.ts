import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { aliasParam, roomOfAlias } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directoryroomroomalias */
export const getRoomIdByAlias = endpoint({
  operationId: 'getRoomIdByAlias',
  method: 'GET',
  paths: ['/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const roomId = await roomOfAlias(call, aliasParam(call.params.roomAlias));
    if (!roomId) throw notFound('No room has this alias');
    return { room_id: roomId, servers: [call.config.serverName] };
  },
});
