import { notFound } from '../../../../../matrix/errors.ts';
import { isJoinedToAny } from '../../../services/joined-to.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, resolveRoom } from '../room-requests.ts';
import { roomSummary } from './room-chunk.ts';

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
    const roomId = await resolveRoom(call, call.params.roomIdOrAlias);
    const preview = granted(await call.stubs.room(roomId).readPreview(requester?.userId));
    if (!preview.isOpen) {
      const { allowedRooms = [] } = preview;
      const isMember = requester && (await isJoinedToAny(call.stubs, requester.userId, allowedRooms));
      if (!isMember) throw notFound('Unknown room');
    }
    return { ...roomSummary(preview), membership: preview.membership };
  },
});
