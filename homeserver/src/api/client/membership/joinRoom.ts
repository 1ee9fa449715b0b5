import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { joinRoom as join } from '../../../services/join-room.ts';
import { endpoint } from '../../endpoint.ts';
import { reasonField, resolveRoom } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3joinroomidoralias */
export const joinRoom = endpoint({
  operationId: 'joinRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/join/{roomIdOrAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonField }),
  async handler(call, { userId }) {
    const { params, body, env, config, stubs } = call;
    const roomId = await resolveRoom(call, params.roomIdOrAlias);
    const db = openD1(env.DB, config.meter);
    await join(
      { db, config, stubs },
      roomId,
      userId,
      body.reason === undefined ? {} : { reason: body.reason },
    );
    return { room_id: roomId };
  },
});
