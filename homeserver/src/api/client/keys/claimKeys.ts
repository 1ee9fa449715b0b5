import * as v from 'valibot';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import { endpoint } from '../../endpoint.ts';
import { sortUserIds, unreachable } from './user-ids.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysclaim */
export const claimKeys = endpoint({
  operationId: 'claimKeys',
  method: 'POST',
  paths: ['/_matrix/client/v3/keys/claim', '/_matrix/client/r0/keys/claim'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    one_time_keys: v.record(v.string(), v.record(v.string(), v.string())),
    timeout: v.optional(v.number()),
  }),
  async handler(call) {
    const wanted = call.body.one_time_keys;
    const { local, remoteServers } = await sortUserIds(Object.keys(wanted), call);
    const claimed = await mapConcurrently(local, 50, async (userId) => {
      return [userId, await call.stubs.userKeys(userId).claim(wanted[userId] ?? {})] as const;
    });
    const given = claimed.filter(([, devices]) => Object.keys(devices).length > 0);
    return { one_time_keys: Object.fromEntries(given), failures: unreachable(remoteServers) };
  },
});
