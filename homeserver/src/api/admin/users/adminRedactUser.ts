import * as v from 'valibot';
import { parseRoomId, type RoomId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { redactUser } from '../../../services/admin/redact-user.ts';
import { runTask } from '../../../services/admin/run-task.ts';
import { reasonField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

const roomIdField = v.pipe(
  v.string(),
  v.check((text) => parseRoomId(text) !== undefined, 'not a room id'),
  v.transform((text) => text as RoomId),
);

/**
 * What the user said goes, in some rooms or in all that they are in. They are redacted in the user's own name.
 * https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#redact-all-the-events-of-a-user
 */
export const adminRedactUser = endpoint({
  operationId: 'adminRedactUser',
  method: 'POST',
  paths: ['/_synapse/admin/v1/user/{userId}/redact'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({
    rooms: v.pipe(v.array(roomIdField), v.maxLength(1000)),
    reason: reasonField,
    limit: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)))),
  }),
  async handler(call) {
    const { body, env, config, stubs } = call;
    const { userId } = await localUser(call);
    const rooms = body.rooms.length > 0 ? body.rooms : await stubs.user(userId).joinedRooms();
    const work = () => redactUser({ env, stubs }, userId, rooms, body.reason, body.limit ?? 1000);
    return { redact_id: await runTask(openD1(env.DB, config.meter), 'redact_user', userId, work) };
  },
});
