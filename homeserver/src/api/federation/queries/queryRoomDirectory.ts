import * as v from 'valibot';
import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import { parseRoomAlias, serverNameOf } from '../../../../../matrix/identifiers.ts';
import { roomOfAlias } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1querydirectory */
export const queryRoomDirectory = endpoint({
  operationId: 'queryRoomDirectory',
  method: 'GET',
  paths: ['/_matrix/federation/v1/query/directory'],
  auth: 'server',
  query: v.object({ room_alias: v.string() }),
  async handler(call) {
    const alias = parseRoomAlias(call.query.room_alias);
    if (!alias) throw invalidParam('room_alias is none');
    const isOurs = serverNameOf(alias) === call.config.serverName;
    const roomId = isOurs ? await roomOfAlias(call, alias) : undefined;
    if (!roomId) throw notFound('No room has this alias');
    const others = await call.stubs.room(roomId).serversInRoom();
    return { room_id: roomId, servers: [call.config.serverName, ...others].slice(0, 50) };
  },
});
