import { roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaOfRoom } from './media-of-room.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#list-all-media-in-a-room */
export const adminRoomMedia = endpoint({
  operationId: 'adminRoomMedia',
  method: 'GET',
  paths: ['/_synapse/admin/v1/room/{roomId}/media'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, stubs, config }) {
    const media = await mediaOfRoom(stubs, config, roomIdParam(params.roomId));
    return { ...media, total: media.local.length };
  },
});
