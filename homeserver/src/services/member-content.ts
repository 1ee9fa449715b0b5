import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Membership } from '../../../matrix/events.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import { readProfile } from '../storage/d1/profiles.ts';
import { isLocal } from './local-accounts.ts';

/** Content of a member event that shows who its user is: for joins, invitations and knocks. */
export async function memberContent(
  db: DrizzleD1Database,
  config: Config,
  userId: UserId,
  membership: Membership,
  more: JsonObject = {},
): Promise<JsonObject> {
  if (!isLocal(userId, config)) return { membership, ...more };
  const { displayname, avatar_url } = await readProfile(db, userId);
  return {
    membership,
    ...(displayname === undefined ? {} : { displayname }),
    ...(avatar_url === undefined ? {} : { avatar_url }),
    ...more,
  };
}
