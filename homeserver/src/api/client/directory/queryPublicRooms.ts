import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { listElsewhere } from './list-elsewhere.ts';
import { listBody, listQueryOf } from './list-request.ts';
import { listRooms } from './list-rooms.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3publicrooms */
export const queryPublicRooms = endpoint({
  operationId: 'queryPublicRooms',
  method: 'POST',
  paths: ['/_matrix/client/v3/publicRooms'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ server: v.optional(v.string()) }),
  body: v.object(listBody),
  async handler(call) {
    const { server } = call.query;
    const isOurs = server === undefined || server === call.config.serverName;
    return isOurs ? listRooms(call, listQueryOf(call.body)) : listElsewhere(call.env, server, call.body);
  },
});
