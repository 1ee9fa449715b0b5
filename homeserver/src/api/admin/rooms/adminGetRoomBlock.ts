import { openD1 } from '../../../../../platform/d1.ts';
import { blockerOf } from '../../../storage/d1/blocked-rooms.ts';
import { roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#get-block-status */
export const adminGetRoomBlock = endpoint({
  operationId: 'adminGetRoomBlock',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/block'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const blocker = await blockerOf(openD1(env.DB, config.meter), roomIdParam(params.roomId));
    return blocker === undefined ? { block: false } : { block: true, user_id: blocker };
  },
});
