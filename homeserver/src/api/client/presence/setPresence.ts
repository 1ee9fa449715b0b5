import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { requireSelf } from '../account-data/own-path.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus
 * @note Presence is off here ("servers may choose"): it is accepted, kept nowhere and told to nobody.
 */
export const setPresence = endpoint({
  operationId: 'setPresence',
  method: 'PUT',
  paths: ['/_matrix/client/v3/presence/{userId}/status', '/_matrix/client/r0/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    presence: v.picklist(['online', 'offline', 'unavailable']),
    status_msg: v.nullish(v.string()),
  }),
  async handler({ params }, requester) {
    requireSelf(params, requester);
    return {};
  },
});
