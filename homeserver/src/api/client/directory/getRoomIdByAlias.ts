import { serverNameOf } from '../../../../../matrix/identifiers.ts';
import { endpoint } from '../../endpoint.ts';
import { aliasParam, resolveRoomAnywhere } from '../room-requests.ts';

const maxServers = 50;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directoryroomroomalias */
export const getRoomIdByAlias = endpoint({
  operationId: 'getRoomIdByAlias',
  method: 'GET',
  paths: ['/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const alias = aliasParam(call.params.roomAlias);
    const { roomId, servers } = await resolveRoomAnywhere(call, alias);
    if (serverNameOf(alias) !== call.config.serverName) return { room_id: roomId, servers };
    const others = await call.stubs.room(roomId).serversInRoom();
    return { room_id: roomId, servers: [call.config.serverName, ...others].slice(0, maxServers) };
  },
});
