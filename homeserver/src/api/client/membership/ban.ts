import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { reasonField, userIdField } from '../room-requests.ts';
import { changeMembership } from './change-membership.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidban */
export const ban = endpoint({
  operationId: 'ban',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/ban'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ user_id: userIdField, reason: reasonField }),
  async handler(call, requester) {
    const { user_id: target, reason } = call.body;
    await changeMembership(call, requester, { target, membership: 'ban', reason });
    return {};
  },
});
