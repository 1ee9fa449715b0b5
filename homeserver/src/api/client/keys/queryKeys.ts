import * as v from 'valibot';
import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { UserKeys } from '../../../objects/user-keys-rpc.ts';
import { keysElsewhere } from '../../../services/keys-elsewhere.ts';
import { endpoint } from '../../endpoint.ts';
import { sortUserIds, unreachable } from './user-ids.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysquery */
export const queryKeys = endpoint({
  operationId: 'queryKeys',
  method: 'POST',
  paths: ['/_matrix/client/v3/keys/query'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    device_keys: v.record(v.string(), v.array(v.string())),
    timeout: v.optional(v.number()),
  }),
  async handler(call, { userId: viewer }) {
    const wanted = call.body.device_keys;
    const { local, elsewhere } = await sortUserIds(Object.keys(wanted), call);
    const [found, others] = await Promise.all([
      mapConcurrently(local, 50, async (userId): Promise<[UserId, UserKeys]> => {
        const deviceIds = (wanted[userId] ?? []) as DeviceId[];
        return [userId, await call.stubs.userKeys(userId).query(deviceIds, viewer)];
      }),
      keysElsewhere(call, viewer, elsewhere, wanted, call.body.timeout),
    ]);
    return { ...byKind([...found, ...others.found]), failures: unreachable(others.failures) };
  },
});

function byKind(found: readonly [UserId, UserKeys][]) {
  const select = (member: (keys: UserKeys) => JsonObject | undefined) =>
    Object.fromEntries(
      found.map(([userId, keys]) => [userId, member(keys)]).filter(([, value]) => value !== undefined),
    ) as JsonObject;
  return {
    device_keys: select((keys) => keys.deviceKeys),
    master_keys: select((keys) => keys.masterKey),
    self_signing_keys: select((keys) => keys.selfSigningKey),
    user_signing_keys: select((keys) => keys.userSigningKey),
  };
}
