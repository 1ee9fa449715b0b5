import { openD1 } from '../../../../../platform/d1.ts';
import { largestRooms } from '../../../storage/d1/room-index.ts';
import { endpoint } from '../../endpoint.ts';

const maxRooms = 10;

/**
 * The rooms that take most room, as it was when their state last changed.
 * https://element-hq.github.io/synapse/latest/admin_api/statistics.html#get-largest-rooms-by-size-in-database
 */
export const adminRoomStatistics = endpoint({
  operationId: 'adminRoomStatistics',
  method: 'GET',
  paths: ['/_synapse/admin/v1/statistics/database/rooms'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ env, config }) {
    const rooms = await largestRooms(openD1(env.DB, config.meter), maxRooms);
    return {
      rooms: rooms.map(({ roomId, databaseBytes }) => ({ room_id: roomId, estimated_size: databaseBytes })),
    };
  },
});
