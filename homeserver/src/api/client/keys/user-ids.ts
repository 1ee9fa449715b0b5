import { parseUserId, type UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import type { Call } from '../../endpoint.ts';

/** Users of a request that is a map by user id. */
export interface AddressedUsers {
  /** Those of this server that exist; the others are left out. */
  local: UserId[];
  /** Names of other servers. */
  remoteServers: string[];
}

export async function sortUserIds(
  names: readonly string[],
  { env, config }: Pick<Call<unknown, unknown>, 'env' | 'config'>,
): Promise<AddressedUsers> {
  const userIds = names.map(parseUserId).filter((userId) => userId !== undefined);
  const here = userIds.filter((userId) => isLocal(userId, config));
  const existing = await existingUsers(openD1(env.DB, config.meter), config, here);
  const elsewhere = userIds.filter((userId) => !isLocal(userId, config));
  const servers = new Set(elsewhere.map((userId) => userId.slice(userId.indexOf(':') + 1)));
  return { local: here.filter((userId) => existing.has(userId)), remoteServers: [...servers] };
}

/** What `/keys/query` and `/keys/claim` say of servers that they could not ask. */
export function unreachable(servers: readonly string[]): Record<string, { errcode: string; error: string }> {
  const failure = { errcode: 'M_UNREACHABLE', error: 'The server could not be reached' };
  return Object.fromEntries(servers.map((server) => [server, failure]));
}
