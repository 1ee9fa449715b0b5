import { tooLarge } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { limits } from '../../../../../matrix/limits.ts';
import { syncFilter } from '../../../protocol/sync/sync-filter.ts';
import { endpoint } from '../../endpoint.ts';
import { requireSelf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3useruseridfilter */
export const defineFilter = endpoint({
  operationId: 'defineFilter',
  method: 'POST',
  paths: ['/_matrix/client/v3/user/{userId}/filter'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: syncFilter,
  async handler({ params, body, stubs }, requester) {
    requireSelf(params, requester);
    if (Buffer.byteLength(JSON.stringify(body)) > limits.maxFilterBytes) throw tooLarge();
    return { filter_id: await stubs.user(requester.userId).putFilter(body as JsonObject) };
  },
});
