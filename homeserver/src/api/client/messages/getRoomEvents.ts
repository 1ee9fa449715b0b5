import * as v from 'valibot';
import { fetchHistory } from '../../../federation/fetch-history.ts';
import type { MessagesPage, MessagesQuery } from '../../../objects/room-rpc.ts';
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
    /** Required by the specification; clients of old leave it out. */
    dir: v.optional(v.picklist(['b', 'f']), 'f'),
    from: v.optional(v.string()),
    to: v.optional(v.string()),
    limit: v.optional(integerField(0, maxLimit), '10'),
    filter: v.optional(filterField),
  }),
  async handler({ params, query, env, config, stubs }, requester) {
    const roomId = roomIdParam(params.roomId);
    const position = (token: string) => positionOfToken(stubs, requester, roomId, token);
    const [from, to] = [query.from && (await position(query.from)), query.to && (await position(query.to))];
    const question: MessagesQuery = {
      ...viewerOf(requester),
      dir: query.dir,
      limit: Math.max(query.limit, 1),
      ...(typeof from === 'number' && { from }),
      ...(typeof to === 'number' && { to }),
      ...(query.filter && { filter: query.filter }),
    };
    const room = stubs.room(roomId);
    const [read, isShown] = await Promise.all([room.readMessages(question), shownTo(stubs, requester)]);
    let page = granted(read);
    if (isCutShort(page, question) && (await fetchHistory({ env, config, stubs }, roomId, page.gap))) {
      page = granted(await room.readMessages(question));
    }
    return {
      start: positionToken(page.start),
      ...(page.end === undefined ? {} : { end: positionToken(page.end) }),
      chunk: page.chunk.filter(isShown),
      ...(page.state.length > 0 ? { state: page.state } : {}),
    };
  },
});

/** The page could go on if this server had what is missing. */
function isCutShort(
  page: MessagesPage,
  { limit }: MessagesQuery,
): page is MessagesPage & Required<Pick<MessagesPage, 'gap'>> {
  const { start, chunk, gap } = page;
  return gap !== undefined && (chunk.length < limit || gap.position === start + 1);
}
