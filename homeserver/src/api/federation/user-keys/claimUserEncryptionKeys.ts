import * as v from 'valibot';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import { endpoint } from '../../endpoint.ts';
import { ownUsers } from './own-users.ts';

const body = v.object({
  one_time_keys: v.pipe(
    v.record(v.string(), v.pipe(v.record(v.string(), v.string()), v.maxEntries(1000))),
    v.maxEntries(1000),
  ),
});

/** https://spec.matrix.org/v1.16/server-server-api/#post_matrixfederationv1userkeysclaim */
export const claimUserEncryptionKeys = endpoint({
  operationId: 'claimUserEncryptionKeys',
  method: 'POST',
  paths: ['/_matrix/federation/v1/user/keys/claim'],
  auth: 'server',
  body,
  async handler(call) {
    const wanted = call.body.one_time_keys;
    const users = await ownUsers(call, Object.keys(wanted));
    const claimed = await mapConcurrently(users, 50, async (userId) => {
      return [userId, await call.stubs.userKeys(userId).claim(wanted[userId] ?? {})] as const;
    });
    return { one_time_keys: Object.fromEntries(claimed) };
  },
});
