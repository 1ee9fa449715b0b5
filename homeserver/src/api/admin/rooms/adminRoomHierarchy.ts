import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { administrator } from '../../../objects/room-rpc.ts';
import { hierarchyToken, readHierarchyToken } from '../../../services/hierarchy-token.ts';
import { spaceHierarchy } from '../../../services/space-hierarchy.ts';
import { granted, integerField, roomIdParam } from '../../client/room-requests.ts';
import { roomSummary } from '../../client/rooms/room-chunk.ts';
import { endpoint } from '../../endpoint.ts';

const maxPage = 50;
const maxDepth = 20;

/** Of rooms that this server knows. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-hierarchy */
export const adminRoomHierarchy = endpoint({
  operationId: 'adminRoomHierarchy',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/hierarchy'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    from: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
    limit: v.optional(integerField(1, maxPage), String(maxPage)),
    max_depth: v.optional(integerField(0, maxDepth), String(maxDepth)),
  }),
  async handler({ params, query, env, config, stubs }) {
    const root = roomIdParam(params.roomId);
    granted(await stubs.room(root).facts());
    const terms = { root, suggestedOnly: false, maxDepth: query.max_depth };
    const from = query.from === undefined ? undefined : readHierarchyToken(query.from, terms);
    if (query.from !== undefined && !from) throw invalidParam('from: not a token of this hierarchy');
    const page = await spaceHierarchy(
      { env, config, stubs },
      { ...terms, userId: administrator, limit: query.limit, from },
    );
    return {
      rooms: page.rooms.map(({ preview, children }) => ({
        ...roomSummary(preview),
        children_state: children,
      })),
      ...(page.next && { next_batch: hierarchyToken(terms, page.next) }),
    };
  },
});
