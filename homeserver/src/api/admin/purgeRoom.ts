import * as v from 'valibot';
import { openD1 } from '../../../../platform/d1.ts';
import { removeRoom } from '../../services/remove-room.ts';
import { granted, roomIdParam } from '../client/room-requests.ts';
import { endpoint } from '../endpoint.ts';

/** Removes a room with all that belongs to it. `force`: the users of this server who are in it leave it first. */
export const purgeRoom = endpoint({
  operationId: 'purgeRoom',
  method: 'POST',
  paths: ['/_roost/admin/v1/rooms/{roomId}/purge'],
  auth: 'admin',
  body: v.object({ force: v.optional(v.boolean(), false) }),
  async handler({ body, params, stubs, env, config }) {
    const roomId = roomIdParam(params.roomId);
    granted(await removeRoom(stubs.room(roomId), roomId, openD1(env.DB, config.meter), body.force));
    return {};
  },
});
