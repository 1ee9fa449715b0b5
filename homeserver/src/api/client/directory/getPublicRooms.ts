import * as v from 'valibot';
import { missingToken } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { integerField } from '../room-requests.ts';
import { listElsewhere } from './list-elsewhere.ts';
import { listRooms, maxPage } from './list-rooms.ts';

/**
 * The directory of another server is asked for users of this one alone.
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3publicrooms
 */
export const getPublicRooms = endpoint({
  operationId: 'getPublicRooms',
  method: 'GET',
  paths: ['/_matrix/client/v3/publicRooms'],
  auth: 'optional',
  rateLimit: 'default',
  query: v.object({
    limit: v.optional(integerField(1, maxPage), String(maxPage)),
    since: v.optional(v.string()),
    server: v.optional(v.string()),
  }),
  async handler(call, requester) {
    const { server, ...query } = call.query;
    if (server === undefined || server === call.config.serverName) return listRooms(call, query);
    if (!requester) throw missingToken();
    return listElsewhere(call.env, server, query);
  },
});
