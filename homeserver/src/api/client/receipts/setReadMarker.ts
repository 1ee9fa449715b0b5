import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { eventIdField, granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidread_markers */
export const setReadMarker = endpoint({
  operationId: 'setReadMarker',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/read_markers'],
  auth: 'accessToken',
  rateLimit: 'send',
  body: v.object({
    'm.fully_read': v.optional(eventIdField),
    'm.read': v.optional(eventIdField),
    'm.read.private': v.optional(eventIdField),
  }),
  async handler({ body, params, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    for (const type of ['m.read', 'm.read.private'] as const) {
      const eventId = body[type];
      if (eventId) granted(await stubs.room(roomId).setReceipt({ userId, type, eventId }));
    }
    const fullyRead = body['m.fully_read'];
    if (fullyRead) {
      granted(await stubs.user(userId).putAccountData('m.fully_read', { event_id: fullyRead }, roomId));
    }
    return {};
  },
});
