import { endpoint } from '../../endpoint.ts';
import { subscriptionPath, threadOf } from './thread-path.ts';

/** MSC4306. */
export const deleteThreadSubscription = endpoint({
  operationId: 'deleteThreadSubscription',
  method: 'DELETE',
  paths: [subscriptionPath],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler(call, requester) {
    const { roomId, threadId } = await threadOf(call, requester);
    await call.stubs.user(requester.userId).unsubscribeFromThread(roomId, threadId);
    return {};
  },
});
