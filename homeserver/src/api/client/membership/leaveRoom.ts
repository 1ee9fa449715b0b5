import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { reasonField } from '../room-requests.ts';
import { changeMembership } from './change-membership.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidleave */
export const leaveRoom = endpoint({
  operationId: 'leaveRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/leave'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonField }),
  async handler(call, requester) {
    const { reason } = call.body;
    await changeMembership(call, requester, { target: requester.userId, membership: 'leave', reason });
    return {};
  },
});
