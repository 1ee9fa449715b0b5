import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { makeRoomAdmin } from '../../../services/admin/make-room-admin.ts';
import { isLocal } from '../../../services/local-accounts.ts';
import { granted, resolveRoom, userIdField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#make-room-admin-api */
export const adminMakeRoomAdmin = endpoint({
  operationId: 'adminMakeRoomAdmin',
  method: 'POST',
  paths: ['/_synapse/admin/v1/rooms/{roomIdOrAlias}/make_room_admin'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ user_id: v.optional(userIdField) }),
  async handler(call, requester) {
    const { body, params, env, config, stubs } = call;
    const userId = body.user_id ?? requester.userId;
    if (!isLocal(userId, config)) throw invalidParam('user_id: belongs to another server');
    const roomId = await resolveRoom(call, params.roomIdOrAlias);
    const { version } = granted(await stubs.room(roomId).facts());
    const parts = { db: openD1(env.DB, config.meter), env, config, stubs };
    await makeRoomAdmin(parts, roomId, version, userId);
    return {};
  },
});
