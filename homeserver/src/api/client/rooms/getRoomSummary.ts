import { notFound } from '../../../../../matrix/errors.ts';
import type { RoomId, ServerName } from '../../../../../matrix/identifiers.ts';
import { askHierarchy } from '../../../federation/outbound/ask-hierarchy.ts';
import { candidates } from '../../../federation/outbound/join-room.ts';
import type { RoomPreview } from '../../../objects/room-rpc.ts';
import { isJoinedToAny } from '../../../services/joined-to.ts';
import { type Call, endpoint } from '../../endpoint.ts';
import { granted, resolveRoomAnywhere, serverOf, viaOf } from '../room-requests.ts';
import { roomSummary } from './room-chunk.ts';

/** Servers that are asked of a room that is not here. */
const maxServers = 3;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1room_summaryroomidoralias */
export const getRoomSummary = endpoint({
  operationId: 'getRoomSummary',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/room_summary/{roomIdOrAlias}',
    '/_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}',
    '/_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary',
  ],
  auth: 'optional',
  rateLimit: 'default',
  async handler(call, requester) {
    const { roomId, servers } = await resolveRoomAnywhere(call, call.params.roomIdOrAlias);
    const here = await call.stubs.room(roomId).readPreview(requester?.userId);
    const isUnknown = here.kind === 'denied' && (await call.stubs.room(roomId).roomVersionId()) === undefined;
    const preview = isUnknown && requester ? await elsewhere(call, roomId, servers) : granted(here);
    if (!preview.isOpen) {
      const { allowedRooms = [] } = preview;
      const isMember = requester && (await isJoinedToAny(call.stubs, requester.userId, allowedRooms));
      if (!isMember) throw notFound('Unknown room');
    }
    return { ...roomSummary(preview), membership: preview.membership };
  },
});

/** Other servers are asked for users of this one alone. @throws `M_NOT_FOUND` */
async function elsewhere(
  call: Call<unknown, unknown>,
  roomId: RoomId,
  servers: readonly ServerName[],
): Promise<RoomPreview> {
  const known = candidates(call, [...viaOf(call.url), ...servers, ...serverOf(roomId)]);
  for (const server of known.slice(0, maxServers)) {
    const found = await askHierarchy(call.env, server, roomId, false);
    if (found) return found.view.preview;
  }
  throw notFound('Unknown room');
}
