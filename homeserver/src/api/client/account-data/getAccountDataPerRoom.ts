import { endpoint } from '../../endpoint.ts';
import { found, requireSelf, roomOf } from './own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridroomsroomidaccount_datatype */
export const getAccountDataPerRoom = endpoint({
  operationId: 'getAccountDataPerRoom',
  method: 'GET',
  paths: ['/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    return found(await stubs.user(requester.userId).getAccountData(params.type ?? '', roomOf(params)));
  },
});
