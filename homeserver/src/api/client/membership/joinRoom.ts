import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { reasonField } from '../room-requests.ts';
import { enterRoom, joining } from './enter-room.ts';
import { thirdPartySigned } from './third-party-signed.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3joinroomidoralias */
export const joinRoom = endpoint({
  operationId: 'joinRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/join/{roomIdOrAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.looseObject({ reason: reasonField, third_party_signed: v.optional(thirdPartySigned) }),
  async handler(call, { userId }) {
    return enterRoom(call, call.params.roomIdOrAlias, userId, joining);
  },
});
