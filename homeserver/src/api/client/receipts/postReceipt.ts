import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid */
export const postReceipt = endpoint({
  operationId: 'postReceipt',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'send',
  body: v.object({ thread_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(255))) }),
  async handler({ body, params, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const eventId = eventIdParam(params.eventId);
    const { thread_id: threadId } = body;
    switch (params.receiptType) {
      case 'm.fully_read':
        if (threadId !== undefined) throw invalidParam('m.fully_read is not of a thread');
        granted(await stubs.user(userId).putAccountData('m.fully_read', { event_id: eventId }, roomId));
        return {};
      case 'm.read':
      case 'm.read.private': {
        const thread = threadId === undefined ? {} : { threadId };
        const receipt = { userId, type: params.receiptType, eventId, ...thread } as const;
        granted(await stubs.room(roomId).setReceipt(receipt));
        return {};
      }
      default:
        throw invalidParam('Unknown type of receipt');
    }
  },
});
