import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { report } from '../../../services/report.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../room-requests.ts';
import { reasonText } from './report-reason.ts';

/**
 * https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3roomsroomidreporteventid
 * For those who are in the room and may see the event.
 */
export const reportEvent = endpoint({
  operationId: 'reportEvent',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/report/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: v.optional(reasonText, '') }),
  async handler({ body, params, env, config, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const eventId = eventIdParam(params.eventId);
    const room = stubs.room(roomId);
    const [member, read] = await Promise.all([
      room.readStateEvent(userId, 'm.room.member', userId),
      room.readEvent({ userId }, eventId),
    ]);
    const isJoined = member.kind === 'event' && member.event.content.membership === 'join';
    if (!isJoined || read.kind === 'denied') throw notFound('No such event, or you are not in its room');
    const { reason } = body;
    const reported = { reporter: userId, roomId, eventId, userId: read.event.sender, reason };
    await report(openD1(env.DB, config.meter), reported, Date.now());
    return {};
  },
});
