import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { DeviceId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { ToDeviceMessage } from '../../../objects/user-sync-rpc.ts';
import { sendToDevices } from '../../../services/send-to-device.ts';
import { endpoint, type Requester } from '../../endpoint.ts';
import { sortUserIds } from '../keys/user-ids.ts';

const content = v.custom<JsonObject>(isJsonObject, 'not an object');

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3sendtodeviceeventtypetxnid */
export const sendToDevice = endpoint({
  operationId: 'sendToDevice',
  method: 'PUT',
  paths: ['/_matrix/client/v3/sendToDevice/{eventType}/{txnId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ messages: v.record(v.string(), v.record(v.string(), content)) }),
  async handler(call, requester) {
    const { messages } = call.body;
    const { eventType = '', txnId = '' } = call.params;
    const { local, elsewhere } = await sortUserIds(Object.keys(messages), call);
    await mapConcurrently([...elsewhere], 20, ([server, users]) =>
      call.stubs.destination(server).enqueueEdus([
        {
          type: 'm.direct_to_device',
          content: {
            sender: requester.userId,
            type: eventType,
            message_id: messageIdOf(requester, txnId, server),
            messages: Object.fromEntries(users.map((userId) => [userId, messages[userId] ?? {}])),
          },
        },
      ]),
    );
    await mapConcurrently(local, 20, (userId) => {
      const queue = Object.entries(messages[userId] ?? {}).map(
        ([deviceId, one]): ToDeviceMessage => ({
          messageId: messageIdOf(requester, txnId, deviceId),
          deviceId: deviceId as DeviceId | '*',
          type: eventType,
          sender: requester.userId,
          content: one,
        }),
      );
      return sendToDevices(call.stubs, call.config, userId, queue);
    });
    return {};
  },
});

/** The same for a repetition of the request, by which the receiving object knows it. */
function messageIdOf({ userId, deviceId }: Requester, txnId: string, target: string): string {
  const identity = JSON.stringify([userId, deviceId, txnId, target]);
  return createHash('sha256').update(identity).digest('base64url');
}
