import * as v from 'valibot';
import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { UserKeys } from '../../../objects/user-keys-rpc.ts';
import { endpoint } from '../../endpoint.ts';
import { forServers, ownUsers } from './own-users.ts';

const body = v.object({
  device_keys: v.pipe(v.record(v.string(), v.array(v.string())), v.maxEntries(1000)),
});

/** https://spec.matrix.org/v1.16/server-server-api/#post_matrixfederationv1userkeysquery */
export const queryUserEncryptionKeys = endpoint({
  operationId: 'queryUserEncryptionKeys',
  method: 'POST',
  paths: ['/_matrix/federation/v1/user/keys/query'],
  auth: 'server',
  body,
  async handler(call) {
    const wanted = call.body.device_keys;
    const users = await ownUsers(call, Object.keys(wanted));
    const found = await mapConcurrently(users, 50, async (userId): Promise<[UserId, UserKeys]> => {
      return [
        userId,
        await call.stubs.userKeys(userId).query((wanted[userId] ?? []) as DeviceId[], forServers),
      ];
    });
    const select = <Value>(member: (keys: UserKeys) => Value | undefined) =>
      Object.fromEntries(
        found.map(([userId, keys]) => [userId, member(keys)]).filter(([, value]) => value !== undefined),
      );
    return {
      device_keys: select((keys) => keys.deviceKeys),
      master_keys: select((keys) => keys.masterKey),
      self_signing_keys: select((keys) => keys.selfSigningKey),
    };
  },
});
