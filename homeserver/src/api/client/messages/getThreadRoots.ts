import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { positionOfToken, positionToken } from '../pagination-token.ts';
import { granted, integerField, roomIdParam, viewerOf } from '../room-requests.ts';

const maxLimit = 50;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidthreads */
export const getThreadRoots = endpoint({
  operationId: 'getThreadRoots',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/threads',
    '/_matrix/client/unstable/org.matrix.msc3856/rooms/{roomId}/threads',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({
    include: v.optional(v.picklist(['all', 'participated']), 'all'),
    limit: v.optional(integerField(1, maxLimit), '20'),
    from: v.optional(v.string()),
  }),
  async handler({ params, query, stubs }, requester) {
    const roomId = roomIdParam(params.roomId);
    const { include, limit, from } = query;
    const page = granted(
      await stubs.room(roomId).readThreads({
        ...viewerOf(requester),
        include,
        limit,
        ...(from ? { before: await positionOfToken(stubs, requester, roomId, from) } : {}),
      }),
    );
    return {
      chunk: page.chunk,
      ...(page.next === undefined ? {} : { next_batch: positionToken(page.next) }),
    };
  },
});
