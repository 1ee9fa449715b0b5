import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { deleteRoom } from '../../../services/admin/delete-room.ts';
import { runTask } from '../../../services/admin/run-task.ts';
import { blockRoom } from '../../../storage/d1/blocked-rooms.ts';
import { deleteRoomIndex } from '../../../storage/d1/room-index.ts';
import { granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * The users of this server leave the room, and unless `purge` is false all that is stored of it goes. With
 * `block`, nobody can come back. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#version-2-new-version
 */
export const adminDeleteRoom = endpoint({
  operationId: 'adminDeleteRoom',
  method: 'DELETE',
  paths: ['/_synapse/admin/v2/rooms/{roomId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({
    block: v.optional(v.boolean(), false),
    purge: v.optional(v.boolean(), true),
    new_room_user_id: v.optional(v.nullable(v.string())),
  }),
  async handler({ params, body, env, config, stubs }, { userId }) {
    if (body.new_room_user_id) throw invalidParam('new_room_user_id: not supported');
    const roomId = roomIdParam(params.roomId);
    const db = openD1(env.DB, config.meter);
    const facts = await stubs.room(roomId).facts();
    // A removal that was cut off may have left a row behind.
    if (facts.kind === 'denied') await deleteRoomIndex(db, roomId);
    granted(facts);
    if (body.block) await blockRoom(db, roomId, userId, Date.now());
    const taskId = await runTask(db, 'delete_room', roomId, () =>
      deleteRoom({ env, stubs }, db, roomId, body.purge),
    );
    return { delete_id: taskId };
  },
});
