import * as v from 'valibot';
import { isMembership, type Membership } from '../../../../../matrix/events.ts';
import { endpoint } from '../../endpoint.ts';
import { positionOfToken } from '../pagination-token.ts';
import { roomIdParam } from '../room-requests.ts';
import { wholeMembers } from './whole-members.ts';

const membershipField = v.custom<Membership>(isMembership, 'not a membership');

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmembers */
export const getMembersByRoom = endpoint({
  operationId: 'getMembersByRoom',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/members'],
  auth: 'accessToken',
  query: v.object({
    at: v.optional(v.string()),
    membership: v.optional(membershipField),
    not_membership: v.optional(membershipField),
  }),
  async handler({ params, query, stubs }, requester) {
    const roomId = roomIdParam(params.roomId);
    const { at, membership, not_membership: notMembership } = query;
    const events = await wholeMembers(stubs, roomId, requester.userId, {
      ...(at ? { atPosition: await positionOfToken(stubs, requester, roomId, at) } : {}),
      ...(membership ? { membership } : {}),
      ...(notMembership ? { notMembership } : {}),
    });
    return { chunk: events };
  },
});
