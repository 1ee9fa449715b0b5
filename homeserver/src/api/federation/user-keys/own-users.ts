import { parseUserId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers } from '../../../services/local-accounts.ts';
import type { Call } from '../../endpoint.ts';

/** Who sees no more than any other server: no user-signing keys, no signatures that users made of others. */
export const forServers = '' as UserId;

/** Those of the names that are users of this server. */
export async function ownUsers(
  { env, config }: Pick<Call<unknown, unknown>, 'env' | 'config'>,
  names: readonly string[],
): Promise<UserId[]> {
  const ours = names
    .map(parseUserId)
    .filter((userId) => userId !== undefined && serverNameOf(userId) === config.serverName) as UserId[];
  const existing = await existingUsers(openD1(env.DB, config.meter), config, ours);
  return ours.filter((userId) => existing.has(userId));
}
