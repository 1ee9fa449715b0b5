import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { positionOfToken, positionToken } from '../pagination-token.ts';
import { granted, integerField, roomIdParam, viewerOf } from '../room-requests.ts';
import { shownTo } from './ignored-senders.ts';
import { filterField } from './room-event-filter.ts';

const maxLimit = 500;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmessages */
export const getRoomEvents = endpoint({
  operationId: 'getRoomEvents',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/messages'],
  auth: 'accessToken',
  query: v.object({
    dir: v.picklist(['b', 'f']),
    from: v.optional(v.string()),
    to: v.optional(v.string()),
    limit: v.optional(integerField(0, maxLimit), '10'),
    filter: v.optional(filterField),
  }),
  async handler({ params, query, stubs }, requester) {
    const roomId = roomIdParam(params.roomId);
    const position = (token: string) => positionOfToken(stubs, requester, roomId, token);
    const [from, to] = [query.from && (await position(query.from)), query.to && (await position(query.to))];
    const [read, isShown] = await Promise.all([
      stubs.room(roomId).readMessages({
        ...viewerOf(requester),
        dir: query.dir,
        limit: Math.max(query.limit, 1),
        ...(typeof from === 'number' && { from }),
        ...(typeof to === 'number' && { to }),
        ...(query.filter && { filter: query.filter }),
      }),
      shownTo(stubs, requester),
    ]);
    const page = granted(read);
    return {
      start: positionToken(page.start),
      ...(page.end === undefined ? {} : { end: positionToken(page.end) }),
      chunk: page.chunk.filter(isShown),
      ...(page.state.length > 0 ? { state: page.state } : {}),
    };
  },
});
