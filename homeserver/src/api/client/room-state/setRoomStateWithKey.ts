import { openD1 } from '../../../../../platform/d1.ts';
import { appendMember } from '../../../services/append-member.ts';
import { requireUnblocked } from '../../../services/blocked-rooms.ts';
import { requireOwnAliases } from '../../../services/canonical-alias.ts';
import { requireInvitable } from '../../../services/invitees.ts';
import { joinWith } from '../../../services/join-room.ts';
import { endpoint } from '../../endpoint.ts';
import { delayOf, scheduleEvent } from '../delayed-events/schedule-event.ts';
import { granted, jsonObject, massagedTimestamp, roomIdParam, userIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey */
export const setRoomStateWithKey = endpoint({
  operationId: 'setRoomStateWithKey',
  method: 'PUT',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  ],
  auth: 'accessToken',
  rateLimit: 'send',
  body: jsonObject,
  async handler({ body, params, url, env, config, stubs }, requester) {
    const { eventType: type = '', stateKey = '' } = params;
    const roomId = roomIdParam(params.roomId);
    const { userId } = requester;
    const { originServerTs } = massagedTimestamp(url, requester);
    const delayMs = delayOf(url);
    const db = openD1(env.DB, config.meter);
    const enters = type === 'm.room.member' && stateKey === userId;
    if (enters && (body.membership === 'join' || body.membership === 'knock')) {
      await requireUnblocked(db, roomId);
    }
    if (delayMs === undefined && enters && body.membership === 'join') {
      return { event_id: await joinWith({ env, stubs }, roomId, userId, body, originServerTs) };
    }
    if (type === 'm.room.member' && body.membership === 'invite') {
      await requireInvitable({ db, env, config, stubs }, userId, [userIdParam(stateKey)]);
    }
    if (type === 'm.room.canonical_alias') await requireOwnAliases(db, stubs, userId, roomId, body);
    const event = {
      sender: userId,
      type,
      stateKey,
      content: body,
      ...(originServerTs === undefined ? {} : { originServerTs }),
    };
    if (delayMs !== undefined) return scheduleEvent(stubs, config, roomId, event, delayMs);
    const accepted = granted(await appendMember({ env, config, stubs }, roomId, event));
    return { event_id: accepted.eventId };
  },
});
