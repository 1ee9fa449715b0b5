import * as v from 'valibot';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import { askKeys } from '../../../federation/outbound/ask-keys.ts';
import { endpoint } from '../../endpoint.ts';
import { sortUserIds, unreachable, wantedElsewhere } from './user-ids.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysclaim */
export const claimKeys = endpoint({
  operationId: 'claimKeys',
  method: 'POST',
  paths: ['/_matrix/client/v3/keys/claim'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    one_time_keys: v.record(v.string(), v.record(v.string(), v.string())),
    timeout: v.optional(v.number()),
  }),
  async handler(call) {
    const wanted = call.body.one_time_keys;
    const { local, elsewhere } = await sortUserIds(Object.keys(wanted), call);
    const [claimed, others] = await Promise.all([
      mapConcurrently(local, 50, async (userId) => {
        return [userId, await call.stubs.userKeys(userId).claim(wanted[userId] ?? {})] as const;
      }),
      askKeys(call.env, 'claim', wantedElsewhere(elsewhere, wanted), call.body.timeout),
    ]);
    const given = claimed.filter(([, devices]) => Object.keys(devices).length > 0);
    return {
      one_time_keys: { ...Object.fromEntries(given), ...others.found.one_time_keys },
      failures: unreachable(others.failures),
    };
  },
});
