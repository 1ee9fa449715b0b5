import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { hierarchyToken, readHierarchyToken } from '../../../services/hierarchy-token.ts';
import { spaceHierarchy } from '../../../services/space-hierarchy.ts';
import { endpoint } from '../../endpoint.ts';
import { booleanField, integerField, roomIdParam } from '../room-requests.ts';
import { roomSummary } from './room-chunk.ts';

const maxPage = 50;
const maxDepth = 20;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidhierarchy */
export const getSpaceHierarchy = endpoint({
  operationId: 'getSpaceHierarchy',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/hierarchy',
    '/_matrix/client/unstable/org.matrix.msc2946/rooms/{roomId}/hierarchy',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({
    suggested_only: v.optional(booleanField, 'false'),
    limit: v.optional(integerField(1, maxPage), String(maxPage)),
    max_depth: v.optional(integerField(0, maxDepth), String(maxDepth)),
    from: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  }),
  async handler({ params, query, env, config, stubs }, { userId }) {
    const terms = {
      root: roomIdParam(params.roomId),
      suggestedOnly: query.suggested_only,
      maxDepth: query.max_depth,
    };
    const from = query.from === undefined ? undefined : readHierarchyToken(query.from, terms);
    if (query.from !== undefined && !from) throw invalidParam('from: not a token of this hierarchy');
    const page = await spaceHierarchy({ env, config, stubs }, { ...terms, userId, limit: query.limit, from });
    return {
      rooms: page.rooms.map(({ preview, children }) => ({
        ...roomSummary(preview),
        children_state: children,
      })),
      ...(page.next ? { next_batch: hierarchyToken(terms, page.next) } : {}),
    };
  },
});
