import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { formatThreadToken } from '../../../protocol/sync/thread-token.ts';
import { endpoint } from '../../endpoint.ts';
import { integerField } from '../room-requests.ts';

const maxLimit = 1000;
const token = v.optional(v.pipe(v.string(), v.maxLength(200)));

/** MSC4308: changes that sliding sync had no room for, newest first. */
export const getThreadSubscriptions = endpoint({
  operationId: 'getThreadSubscriptions',
  method: 'GET',
  paths: ['/_matrix/client/unstable/io.element.msc4308/thread_subscriptions'],
  auth: 'accessToken',
  query: v.object({
    dir: v.literal('b'),
    from: token,
    to: token,
    limit: v.optional(integerField(1, maxLimit), '100'),
  }),
  async handler({ query, stubs }, { userId }) {
    const page = await stubs.user(userId).threadSubscriptions(query.from, query.to, query.limit);
    if (!page) throw invalidParam('from or to is none of our tokens');
    const { end, ...changes } = page;
    return { ...changes, ...(end !== undefined && { end: formatThreadToken(end) }) };
  },
});
