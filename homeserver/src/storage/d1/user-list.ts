import { type SQL, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';

/** An account with its profile, as lists for administrators show it. */
export interface ListedUser {
  userId: string;
  isAdmin: boolean;
  appserviceId: string | null;
  createdMs: number;
  isDeactivated: boolean;
  erased: boolean;
  locked: boolean;
  suspended: boolean;
  displayName: string | null;
  avatarUrl: string | null;
}

/** By their names in the administration API. What this server does not have is the same for all. */
const orders = {
  name: 'a.user_id',
  displayname: 'displayName',
  avatar_url: 'avatarUrl',
  creation_ts: 'a.created_ms',
  admin: 'a.is_admin',
  deactivated: 'isDeactivated',
  locked: 'a.locked',
  suspended: 'a.suspended',
  erased: 'a.erased',
  is_guest: 'a.user_id',
  user_type: 'a.user_id',
  shadow_banned: 'a.user_id',
  last_seen_ts: 'a.user_id',
} as const;

export type UserOrder = keyof typeof orders;
export const userOrders = Object.keys(orders) as UserOrder[];

export interface UserListQuery {
  orderBy: UserOrder;
  dir: 'f' | 'b';
  from: number;
  limit: number;
  /** Part of the id. */
  userId?: string | undefined;
  /** Part of the id or the display name, whatever the case of ASCII letters. */
  name?: string | undefined;
  isAdmin?: boolean | undefined;
  isDeactivated?: boolean | undefined;
  locked?: boolean | undefined;
  suspended?: boolean | undefined;
}

const columns = sql.raw(`a.user_id AS userId, a.is_admin AS isAdmin, a.appservice_id AS appserviceId,
  a.created_ms AS createdMs, a.deactivated_ms IS NOT NULL AS isDeactivated, a.erased, a.locked, a.suspended,
  n.value ->> '$' AS displayName, i.value ->> '$' AS avatarUrl`);

const tables = sql.raw(`accounts a
  LEFT JOIN profile_fields n ON n.user_id = a.user_id AND n.name = 'displayname'
  LEFT JOIN profile_fields i ON i.user_id = a.user_id AND i.name = 'avatar_url'`);

type Raw = Omit<ListedUser, Flag> & Record<Flag, number>;
type Flag = 'isAdmin' | 'isDeactivated' | 'erased' | 'locked' | 'suspended';

/** By id and by age an index gives the order; else each account is read once. So it is for the total. */
export async function listUsers(
  db: DrizzleD1Database,
  { orderBy, dir, from, limit, ...filter }: UserListQuery,
): Promise<{ users: ListedUser[]; total: number }> {
  const matching = where(filter);
  const direction = sql.raw(dir === 'f' ? 'ASC' : 'DESC');
  const [rows, totals] = await Promise.all([
    db.all<Raw>(sql`SELECT ${columns} FROM ${tables} WHERE ${matching}
      ORDER BY ${sql.raw(orders[orderBy])} ${direction}, a.user_id ${direction} LIMIT ${limit} OFFSET ${from}`),
    db.all<{ total: number }>(sql`SELECT count(*) AS total FROM ${tables} WHERE ${matching}`),
  ]);
  return { users: rows.map(fromRaw), total: totals[0]?.total ?? 0 };
}

export async function readUser(db: DrizzleD1Database, userId: string): Promise<ListedUser | undefined> {
  const [row] = await db.all<Raw>(sql`SELECT ${columns} FROM ${tables} WHERE a.user_id = ${userId}`);
  return row && fromRaw(row);
}

/** `instr`, because D1 allows only 50 bytes in a `LIKE` pattern. */
function where(filter: Omit<UserListQuery, 'orderBy' | 'dir' | 'from' | 'limit'>): SQL {
  const conditions: SQL[] = [sql`TRUE`];
  const isSet = (column: string, value: boolean | undefined) => {
    if (value !== undefined) conditions.push(sql`${sql.raw(column)} = ${value ? 1 : 0}`);
  };
  if (filter.name !== undefined) {
    const term = sql`lower(${filter.name})`;
    conditions.push(sql`(instr(a.user_id, ${term}) > 0 OR instr(lower(n.value ->> '$'), ${term}) > 0)`);
  } else if (filter.userId !== undefined) {
    conditions.push(sql`instr(a.user_id, lower(${filter.userId})) > 0`);
  }
  isSet('a.is_admin', filter.isAdmin);
  isSet('a.locked', filter.locked);
  isSet('a.suspended', filter.suspended);
  isSet('(a.deactivated_ms IS NOT NULL)', filter.isDeactivated);
  return sql.join(conditions, sql` AND `);
}

function fromRaw(row: Raw): ListedUser {
  return {
    ...row,
    isAdmin: row.isAdmin === 1,
    isDeactivated: row.isDeactivated === 1,
    erased: row.erased === 1,
    locked: row.locked === 1,
    suspended: row.suspended === 1,
  };
}
