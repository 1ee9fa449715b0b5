import * as v from 'valibot';
import { listBody, listQueryOf } from '../../client/directory/list-request.ts';
import { listRooms } from '../../client/directory/list-rooms.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#post_matrixfederationv1publicrooms */
export const queryPublicRoomsForServer = endpoint({
  operationId: 'queryPublicRooms',
  method: 'POST',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'server',
  body: v.object(listBody),
  handler: (call) => listRooms(call, listQueryOf(call.body)),
});
