import { endpoint } from '../../endpoint.ts';
import { checkWritable, requireSelf } from './own-path.ts';

/** MSC3391. Clients that knew the content are told that it is empty now. */
export const deleteAccountData = endpoint({
  operationId: 'deleteAccountData',
  method: 'DELETE',
  paths: ['/_matrix/client/unstable/org.matrix.msc3391/user/{userId}/account_data/{type}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    const type = params.type ?? '';
    checkWritable(type, {});
    await stubs.user(requester.userId).putAccountData(type, {});
    return {};
  },
});
