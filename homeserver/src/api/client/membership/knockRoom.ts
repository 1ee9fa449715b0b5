import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { reasonField } from '../room-requests.ts';
import { enterRoom, knocking } from './enter-room.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3knockroomidoralias */
export const knockRoom = endpoint({
  operationId: 'knockRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/knock/{roomIdOrAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonField }),
  async handler(call, { userId }) {
    return enterRoom(call, call.params.roomIdOrAlias, userId, knocking);
  },
});
