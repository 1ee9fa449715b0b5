import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-joined-rooms-of-a-user */
export const adminJoinedRooms = endpoint({
  operationId: 'adminJoinedRooms',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/joined_rooms'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    const rooms = await call.stubs.user(userId).joinedRooms();
    return { joined_rooms: rooms, total: rooms.length };
  },
});
