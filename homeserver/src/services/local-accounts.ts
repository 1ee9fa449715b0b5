import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { serverNameOf, type UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import { selectExisting } from '../storage/d1/accounts.ts';

const maxRemembered = 20_000;

/** Accounts seen by this isolate. They are never deleted, so this cannot go stale. */
const remembered = new Set<UserId>();

export function isLocal(userId: UserId, config: Config): boolean {
  return serverNameOf(userId) === config.serverName;
}

/**
 * Which of these local users exist: asked before a user's object is called, because calling an object makes
 * it. The bots of application services exist from their registration on.
 */
export async function existingUsers(
  db: DrizzleD1Database,
  config: Config,
  userIds: readonly UserId[],
): Promise<Set<UserId>> {
  if (remembered.size > maxRemembered) remembered.clear();
  const bots = new Set(config.registrations.map((one) => `@${one.senderLocalpart}:${config.serverName}`));
  const isKnown = (userId: UserId) => remembered.has(userId) || bots.has(userId);
  for (const userId of await selectExisting(
    db,
    userIds.filter((id) => !isKnown(id)),
  )) {
    remembered.add(userId);
  }
  return new Set(userIds.filter(isKnown));
}
