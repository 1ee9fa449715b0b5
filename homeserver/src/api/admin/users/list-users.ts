import * as v from 'valibot';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { listUsers, userOrders } from '../../../storage/d1/user-list.ts';
import { booleanField } from '../../client/room-requests.ts';
import type { Call } from '../../endpoint.ts';
import { nextToken, pageFields, searchField } from '../admin-fields.ts';
import { listedUser } from './user-format.ts';

/** Both versions of the list of users. */

export const userListQuery = v.object({
  ...pageFields,
  order_by: v.optional(v.picklist(userOrders), 'name'),
  user_id: searchField,
  name: searchField,
  admins: v.optional(booleanField),
  deactivated: v.optional(booleanField),
  locked: v.optional(booleanField, 'false'),
  suspended: v.optional(booleanField),
  shadow_banned: v.optional(booleanField),
});

type Query = v.InferOutput<typeof userListQuery>;

/** @param isDeactivated absent: those who are and those who are not */
export async function userPage(
  { query, env, config }: Pick<Call<unknown, Query>, 'query' | 'env' | 'config'>,
  isDeactivated: boolean | undefined,
): Promise<JsonObject> {
  // Nobody is: that restriction does not exist here.
  if (query.shadow_banned) return { users: [], total: 0 };
  const { users, total } = await listUsers(openD1(env.DB, config.meter), {
    orderBy: query.order_by,
    dir: query.dir,
    from: query.from,
    limit: query.limit,
    userId: query.user_id,
    name: query.name,
    isAdmin: query.admins,
    isDeactivated,
    locked: query.locked ? undefined : false,
    suspended: query.suspended,
  });
  return { users: users.map(listedUser), total, ...nextToken(query.from, users, total) };
}
