import * as v from 'valibot';
import { forbidden } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, roomIdParam } from '../room-requests.ts';

const defaultTimeoutMs = 30_000;

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidtypinguserid */
export const setTyping = endpoint({
  operationId: 'setTyping',
  method: 'PUT',
  paths: ['/_matrix/client/v3/rooms/{roomId}/typing/{userId}'],
  auth: 'accessToken',
  rateLimit: 'send',
  body: v.object({ typing: v.boolean(), timeout: v.optional(v.number()) }),
  async handler({ body, params, stubs }, { userId }) {
    if (params.userId !== userId) throw forbidden('Others type for themselves');
    const timeoutMs = body.typing ? (body.timeout ?? defaultTimeoutMs) : false;
    granted(await stubs.room(roomIdParam(params.roomId)).setTyping(userId, timeoutMs));
    return {};
  },
});
