import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { subscriptionPath, threadOf } from './thread-path.ts';

/** MSC4306. */
export const getThreadSubscription = endpoint({
  operationId: 'getThreadSubscription',
  method: 'GET',
  paths: [subscriptionPath],
  auth: 'accessToken',
  async handler(call, requester) {
    const { roomId, threadId } = await threadOf(call, requester);
    const subscription = await call.stubs.user(requester.userId).threadSubscription(roomId, threadId);
    if (!subscription) throw notFound('Not subscribed');
    return subscription;
  },
});
