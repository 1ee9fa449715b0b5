import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { knockRoom as knock } from '../../../services/knock-room.ts';
import { endpoint } from '../../endpoint.ts';
import { reasonField, resolveRoom } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3knockroomidoralias */
export const knockRoom = endpoint({
  operationId: 'knockRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/knock/{roomIdOrAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonField }),
  async handler(call, { userId }) {
    const { params, body, env, config, stubs } = call;
    const roomId = await resolveRoom(call, params.roomIdOrAlias);
    const db = openD1(env.DB, config.meter);
    await knock(
      { db, config, stubs },
      roomId,
      userId,
      body.reason === undefined ? {} : { reason: body.reason },
    );
    return { room_id: roomId };
  },
});
