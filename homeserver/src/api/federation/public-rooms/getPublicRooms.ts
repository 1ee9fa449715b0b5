import * as v from 'valibot';
import { listRooms, maxPage } from '../../client/directory/list-rooms.ts';
import { integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

const query = v.object({
  limit: v.optional(integerField(1, maxPage), String(maxPage)),
  since: v.optional(v.string()),
});

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1publicrooms */
export const getPublicRoomsForServer = endpoint({
  operationId: 'getPublicRooms',
  method: 'GET',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'server',
  query,
  handler: (call) => listRooms(call, call.query),
});
