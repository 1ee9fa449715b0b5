import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { appendEvent } from '../../../services/append-event.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, granted, massagedTimestamp, reasonField, roomIdParam } from '../room-requests.ts';

const maxTxnIdLength = 255;

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid */
export const redactEvent = endpoint({
  operationId: 'redactEvent',
  method: 'PUT',
  paths: ['/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}'],
  auth: 'accessToken',
  rateLimit: 'send',
  body: v.object({ reason: reasonField }),
  async handler({ body, params, url, env, stubs }, requester) {
    const { txnId = '' } = params;
    if (txnId.length > maxTxnIdLength) throw invalidParam('The transaction id is too long');
    const accepted = granted(
      await appendEvent({ env, stubs }, roomIdParam(params.roomId), {
        sender: requester.userId,
        type: 'm.room.redaction',
        content: body.reason === undefined ? {} : { reason: body.reason },
        redacts: eventIdParam(params.eventId),
        transaction: { deviceId: requester.deviceId, txnId },
        ...massagedTimestamp(url, requester),
      }),
    );
    return { event_id: accepted.eventId };
  },
});
