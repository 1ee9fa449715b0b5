import * as v from 'valibot';
import { forbidden } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { publishRoom, withdrawRoom } from '../../../storage/d1/public-rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3directorylistroomroomid
 * Allowed to those who may change which aliases the room publishes.
 */
export const setRoomVisibilityOnDirectory = endpoint({
  operationId: 'setRoomVisibilityOnDirectory',
  method: 'PUT',
  paths: ['/_matrix/client/v3/directory/list/room/{roomId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ visibility: v.optional(v.picklist(['public', 'private']), 'public') }),
  async handler({ body, params, env, config, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    if (!(await stubs.room(roomId).maySendState(userId, 'm.room.canonical_alias'))) {
      throw forbidden('You may not change how this room is published');
    }
    const db = openD1(env.DB, config.meter);
    if (body.visibility === 'public') await publishRoom(db, roomId, userId, Date.now());
    else await withdrawRoom(db, roomId);
    return {};
  },
});
