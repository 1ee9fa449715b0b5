import type { JsonObject } from '../../../../../../matrix/json.ts';
import { formatThreadToken } from '../../../../protocol/sync/thread-token.ts';
import { threadSubscriptionsPage } from '../../thread-subscriptions.ts';
import type { UserContext } from '../../user-context.ts';
import { endOfTime } from '../lists.ts';

/** No more changes come in one answer, whatever is asked for. */
export const maxThreadSubscriptions = 100;

/** MSC4308: the latest changes; `prev_batch` leads to those that the limit cut. */
export function threadSubscriptionsExtension(
  user: UserContext,
  limit: number | undefined,
  since: number,
  isNew: boolean,
): { extension: JsonObject; empty: boolean } {
  const range = { after: since, before: endOfTime };
  const shown = Math.min(limit ?? maxThreadSubscriptions, maxThreadSubscriptions);
  const { end, ...changes } = threadSubscriptionsPage(user, range, shown, isNew);
  const extension: JsonObject = {
    ...changes,
    ...(end !== undefined && { prev_batch: formatThreadToken(end) }),
  };
  return { extension, empty: Object.keys(extension).length === 0 };
}
