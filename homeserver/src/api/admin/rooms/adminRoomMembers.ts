import { administrator } from '../../../objects/room-rpc.ts';
import { granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-members-api */
export const adminRoomMembers = endpoint({
  operationId: 'adminRoomMembers',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/members'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    granted(await room.facts());
    const { events } = granted(await room.readMembers(administrator, { membership: 'join' }));
    return { members: events.map((event) => event.state_key), total: events.length };
  },
});
