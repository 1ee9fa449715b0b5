import { invalidParam } from '../../../../../matrix/errors.ts';
import { appendEvent } from '../../../services/append-event.ts';
import { endpoint } from '../../endpoint.ts';
import { delayOf, scheduleEvent } from '../delayed-events/schedule-event.ts';
import { granted, jsonObject, massagedTimestamp, roomIdParam } from '../room-requests.ts';

const maxTxnIdLength = 255;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
 * Redactions may be sent here, too (MSC4169); wherever the room version keeps the target, it comes in `content`.
 */
export const sendMessage = endpoint({
  operationId: 'sendMessage',
  method: 'PUT',
  paths: ['/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}'],
  auth: 'accessToken',
  rateLimit: 'send',
  body: jsonObject,
  async handler({ body, params, url, env, config, stubs }, requester) {
    const { eventType: type = '', txnId = '' } = params;
    if (txnId.length > maxTxnIdLength) throw invalidParam('The transaction id is too long');
    const { redacts, ...rest } = body;
    const isRedaction = type === 'm.room.redaction' && typeof redacts === 'string';
    const roomId = roomIdParam(params.roomId);
    const event = {
      sender: requester.userId,
      type,
      content: isRedaction ? rest : body,
      ...(isRedaction ? { redacts } : {}),
      transaction: { deviceId: requester.deviceId, txnId },
      ...massagedTimestamp(url, requester),
    };
    const delayMs = delayOf(url);
    if (delayMs !== undefined) return scheduleEvent(stubs, config, roomId, event, delayMs);
    const accepted = granted(await appendEvent({ env, stubs }, roomId, event));
    return { event_id: accepted.eventId };
  },
});
