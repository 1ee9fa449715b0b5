import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { SpaceView } from '../../../objects/room-rpc.ts';
import { serveHierarchy } from '../../../services/serve-hierarchy.ts';
import { booleanField } from '../../client/room-requests.ts';
import { roomSummary } from '../../client/rooms/room-chunk.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1hierarchyroomid */
export const getSpaceHierarchyForServer = endpoint({
  operationId: 'getSpaceHierarchy',
  method: 'GET',
  paths: ['/_matrix/federation/v1/hierarchy/{roomId}'],
  auth: 'server',
  query: v.object({ suggested_only: v.optional(booleanField, 'false') }),
  async handler({ stubs, params, query }, { origin }) {
    const found = await serveHierarchy(stubs, origin, roomIdParam(params), query.suggested_only);
    if (!found) throw notFound('Unknown room');
    return {
      room: { ...roomSummary(found.root.preview), children_state: childrenOf(found.root) },
      children: found.children.map(({ preview }) => roomSummary(preview)),
      inaccessible_children: found.inaccessible,
    };
  },
});

function childrenOf({ children }: SpaceView): JsonObject[] {
  return children.map((event) => ({ ...event }));
}
