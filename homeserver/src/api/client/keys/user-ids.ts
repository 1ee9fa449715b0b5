import {
  parseUserId,
  type ServerName,
  serverNameOf,
  type UserId,
} from '../../../../../matrix/identifiers.ts';
import type { JsonValue } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import type { Call } from '../../endpoint.ts';

/** Users of a request that is a map by user id. */
export interface AddressedUsers {
  /** Those of this server that exist; the others are left out. */
  local: UserId[];
  /** Of other servers, by server. */
  elsewhere: Map<ServerName, UserId[]>;
}

export async function sortUserIds(
  names: readonly string[],
  { env, config }: Pick<Call<unknown, unknown>, 'env' | 'config'>,
): Promise<AddressedUsers> {
  const userIds = names.map(parseUserId).filter((userId) => userId !== undefined);
  const here = userIds.filter((userId) => isLocal(userId, config));
  const existing = await existingUsers(openD1(env.DB, config.meter), config, here);
  const elsewhere = new Map<ServerName, UserId[]>();
  for (const userId of userIds) {
    const server = serverNameOf(userId);
    if (server !== config.serverName) elsewhere.set(server, [...(elsewhere.get(server) ?? []), userId]);
  }
  return { local: here.filter((userId) => existing.has(userId)), elsewhere };
}

/** What is asked for of users elsewhere. */
export function wantedElsewhere<Value extends JsonValue>(
  elsewhere: AddressedUsers['elsewhere'],
  wanted: Readonly<Record<string, Value>>,
): Map<ServerName, Record<UserId, JsonValue>> {
  return new Map(
    [...elsewhere].map(([server, users]) => [
      server,
      Object.fromEntries(users.map((userId) => [userId, wanted[userId] ?? null])),
    ]),
  );
}

/** What `/keys/query` and `/keys/claim` say of servers that they could not ask. */
export function unreachable(servers: readonly string[]): Record<string, { errcode: string; error: string }> {
  const failure = { errcode: 'M_UNREACHABLE', error: 'The server could not be reached' };
  return Object.fromEntries(servers.map((server) => [server, failure]));
}
