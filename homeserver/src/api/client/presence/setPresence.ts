import * as v from 'valibot';
import { presenceStates } from '../../../protocol/sync/presence.ts';
import { endpoint } from '../../endpoint.ts';
import { requireSelf } from '../account-data/own-path.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus
 * @note Where presence is off ("servers may choose") it is accepted, kept nowhere and told to nobody.
 */
export const setPresence = endpoint({
  operationId: 'setPresence',
  method: 'PUT',
  paths: ['/_matrix/client/v3/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    presence: v.picklist(presenceStates),
    status_msg: v.nullish(v.pipe(v.string(), v.maxLength(1024))),
  }),
  async handler({ params, body, config, stubs }, requester) {
    requireSelf(params, requester);
    if (config.presence) {
      await stubs.user(requester.userId).setPresence(body.presence, body.status_msg ?? undefined);
    }
    return {};
  },
});
