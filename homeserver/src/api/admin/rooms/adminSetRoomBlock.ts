import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { blockRoom, unblockRoom } from '../../../storage/d1/blocked-rooms.ts';
import { roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** Nobody of this server can join or knock any more. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#block-or-unblock-a-room */
export const adminSetRoomBlock = endpoint({
  operationId: 'adminSetRoomBlock',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/block'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ block: v.boolean() }),
  async handler({ params, body, env, config }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const db = openD1(env.DB, config.meter);
    if (body.block) await blockRoom(db, roomId, userId, Date.now());
    else await unblockRoom(db, roomId);
    return { block: body.block };
  },
});
