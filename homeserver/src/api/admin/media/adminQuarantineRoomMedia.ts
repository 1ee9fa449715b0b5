import { openD1 } from '../../../../../platform/d1.ts';
import { quarantine } from '../../../storage/d1/media-admin.ts';
import { roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaKey } from './media-fields.ts';
import { mediaOfRoom } from './media-of-room.ts';

/** Of other servers what is kept here. https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#quarantining-media-in-a-room */
export const adminQuarantineRoomMedia = endpoint({
  operationId: 'adminQuarantineRoomMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/room/{roomId}/media/quarantine'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, stubs, env, config }, { userId }) {
    const { local, remote } = await mediaOfRoom(stubs, config, roomIdParam(params.roomId));
    const mediaIds = [...local, ...remote].map((uri) => {
      const [serverName, mediaId] = uri.slice('mxc://'.length).split('/');
      return mediaKey(serverName, mediaId, config);
    });
    return { num_quarantined: await quarantine(openD1(env.DB, config.meter), mediaIds, userId) };
  },
});
