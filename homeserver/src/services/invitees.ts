import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { ownsUser } from '../../../appservice/registration.ts';
import { inviteBlocked, notFound } from '../../../matrix/errors.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { Stubs } from '../objects/stubs.ts';
import { queryUser } from './appservice-queries.ts';
import { existingUsers, isLocal } from './local-accounts.ts';

export interface InviteParts {
  db: DrizzleD1Database;
  env: Env;
  config: Config;
  stubs: Stubs;
}

/**
 * Refuses to invite those who cannot be told of it (users of this server that do not exist, whose objects
 * would be made by telling them), and those who want no invitations by this
 * inviter (client-server API, "Invite permission"; MSC4155).
 * @throws MatrixError
 */
export async function requireInvitable(
  { db, env, config, stubs }: InviteParts,
  inviter: UserId,
  userIds: readonly UserId[],
): Promise<void> {
  if (userIds.length === 0) return;
  const ours = userIds.filter((userId) => isLocal(userId, config));
  const missing = await missingUsers(db, config, ours);
  // The service that reserves a name makes the user when it is asked.
  const answers = await Promise.all(missing.map((userId) => queryUser(env, config, userId)));
  const [absent] = answers.includes(true) ? await missingUsers(db, config, missing) : missing;
  if (absent) throw notFound(`${absent} does not exist`);
  const people = ours.filter(
    (userId) => !config.registrations.some((service) => ownsUser(service, userId, config.serverName)),
  );
  for (const userId of people) {
    if ((await stubs.user(userId).invitePermission(inviter)) === 'block') throw inviteBlocked();
  }
}

async function missingUsers(
  db: DrizzleD1Database,
  config: Config,
  userIds: readonly UserId[],
): Promise<UserId[]> {
  const existing = await existingUsers(db, config, userIds);
  return userIds.filter((userId) => !existing.has(userId));
}
