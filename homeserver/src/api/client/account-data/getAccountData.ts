import { endpoint } from '../../endpoint.ts';
import { found, requireSelf } from './own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridaccount_datatype */
export const getAccountData = endpoint({
  operationId: 'getAccountData',
  method: 'GET',
  paths: ['/_matrix/client/v3/user/{userId}/account_data/{type}'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    return found(await stubs.user(requester.userId).getAccountData(params.type ?? ''));
  },
});
