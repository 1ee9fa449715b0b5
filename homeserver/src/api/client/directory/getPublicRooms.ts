import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { integerField } from '../room-requests.ts';
import { listRooms, maxPage } from './list-rooms.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3publicrooms */
export const getPublicRooms = endpoint({
  operationId: 'getPublicRooms',
  method: 'GET',
  paths: ['/_matrix/client/v3/publicRooms'],
  auth: 'none',
  rateLimit: 'default',
  query: v.object({
    limit: v.optional(integerField(1, maxPage), String(maxPage)),
    since: v.optional(v.string()),
    server: v.optional(v.string()),
  }),
  handler: (call) => listRooms(call, call.query),
});
