import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { checkWritable, requireSelf, roomOf } from './own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3useruseridroomsroomidaccount_datatype */
export const setAccountDataPerRoom = endpoint({
  operationId: 'setAccountDataPerRoom',
  method: 'PUT',
  paths: ['/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.custom<JsonObject>(isJsonObject, 'must be an object'),
  async handler({ params, body, stubs }, requester) {
    requireSelf(params, requester);
    const type = params.type ?? '';
    checkWritable(type, body);
    await stubs.user(requester.userId).putAccountData(type, body, roomOf(params));
    return {};
  },
});
