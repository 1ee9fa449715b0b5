import { and, count, eq, inArray, isNull, notExists, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { isUsable } from './registration-tokens.ts';
import {
  accounts,
  externalIdentities,
  oauthDeviceCodes,
  passkeys,
  profileFields,
  recoveryCodes,
  registrationTokens,
} from './schema.ts';

export type Account = typeof accounts.$inferSelect;

export interface NewAccount {
  userId: UserId;
  /** First display name. */
  displayName?: string;
  /** Absent for application service users, who have none. */
  passwordHash?: string;
  appserviceId?: string;
  isAdmin?: boolean;
}

/** Bound parameters of one statement, with room for the others of the query. */
const maxIdsPerQuery = 90;

export async function readAccount(db: DrizzleD1Database, userId: UserId): Promise<Account | undefined> {
  return db.select().from(accounts).where(eq(accounts.userId, userId)).get();
}

/** @returns `false` if the name is taken, also by a deactivated account */
export async function createAccount(
  db: DrizzleD1Database,
  account: NewAccount,
  nowMs: number,
): Promise<boolean> {
  const { displayName, ...values } = account;
  const inserting = db
    .insert(accounts)
    .values({ ...values, createdMs: nowMs })
    .onConflictDoNothing();
  const [inserted] = await (displayName === undefined
    ? db.batch([inserting])
    : db.batch([inserting, insertDisplayName(db, account.userId, displayName)]));
  return inserted.meta.changes > 0;
}

/**
 * Makes an account and consumes one use of a registration token, both or neither: D1 runs a batch as one
 * transaction. The account is an administrator's if the token says so.
 * @returns `false` if the name is taken, or the token is unknown, used up or expired
 */
export async function createAccountByToken(
  db: DrizzleD1Database,
  account: { userId: UserId; displayName: string; passwordHash?: string },
  tokenHash: string,
  nowMs: number,
): Promise<boolean> {
  const isThisToken = eq(registrationTokens.tokenHash, tokenHash);
  const [, inserted] = await db.batch([
    db
      .update(registrationTokens)
      .set({ completed: sql`${registrationTokens.completed} + 1` })
      .where(
        and(
          isThisToken,
          isUsable(nowMs),
          notExists(db.select().from(accounts).where(eq(accounts.userId, account.userId))),
        ),
      ),
    db.insert(accounts).select(
      db
        .select({
          userId: sql<string>`${account.userId}`.as('user_id'),
          passwordHash: sql<string | null>`${account.passwordHash ?? null}`.as('password_hash'),
          isAdmin: registrationTokens.isAdmin,
          appserviceId: sql<null>`NULL`.as('appservice_id'),
          createdMs: sql<number>`${nowMs}`.as('created_ms'),
          deactivatedMs: sql<null>`NULL`.as('deactivated_ms'),
          erased: sql<boolean>`0`.as('erased'),
          locked: sql<boolean>`0`.as('locked'),
          suspended: sql<boolean>`0`.as('suspended'),
        })
        .from(registrationTokens)
        .where(and(isThisToken, sql`changes() = 1`)),
    ),
    insertDisplayName(db, account.userId, account.displayName),
  ]);
  return inserted.meta.changes > 0;
}

/** To follow the insertion of the account in its batch: does nothing if that did nothing. */
function insertDisplayName(db: DrizzleD1Database, userId: UserId, displayName: string) {
  return db.insert(profileFields).select(
    db
      .select({
        userId: accounts.userId,
        name: sql<string>`'displayname'`.as('name'),
        value: sql<string>`${JSON.stringify(displayName)}`.as('value'),
      })
      .from(accounts)
      .where(and(eq(accounts.userId, userId), sql`changes() = 1`)),
  );
}

export async function setPassword(
  db: DrizzleD1Database,
  userId: UserId,
  passwordHash: string,
): Promise<void> {
  await db.update(accounts).set({ passwordHash }).where(eq(accounts.userId, userId));
}

/** Replaces a hash by one of the same password, unless another password was set meanwhile. */
export async function replacePasswordHash(
  db: DrizzleD1Database,
  userId: UserId,
  former: string,
  passwordHash: string,
): Promise<boolean> {
  const updated = await db
    .update(accounts)
    .set({ passwordHash })
    .where(and(eq(accounts.userId, userId), eq(accounts.passwordHash, former)))
    .run();
  return updated.meta.changes > 0;
}

/**
 * No way in is left. The name stays taken for ever: its events and the trust of others belong to who had it.
 */
export async function deactivateAccount(
  db: DrizzleD1Database,
  userId: UserId,
  erase: boolean,
  nowMs: number,
): Promise<void> {
  await db.batch([
    db
      .update(accounts)
      .set({ deactivatedMs: nowMs, passwordHash: null, ...(erase && { erased: true }) })
      .where(eq(accounts.userId, userId)),
    db.delete(passkeys).where(eq(passkeys.userId, userId)),
    db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)),
    db.delete(externalIdentities).where(eq(externalIdentities.userId, userId)),
    db.delete(oauthDeviceCodes).where(eq(oauthDeviceCodes.userId, userId)),
  ]);
}

/** People only, without the ghosts of application services. */
export async function countPeople(db: DrizzleD1Database): Promise<number> {
  const row = await db.select({ count: count() }).from(accounts).where(isNull(accounts.appserviceId)).get();
  return row?.count ?? 0;
}

/** Active people, at most `limit` of them. */
export async function listPeople(db: DrizzleD1Database, limit: number): Promise<UserId[]> {
  const rows = await db
    .select({ userId: accounts.userId })
    .from(accounts)
    .where(and(isNull(accounts.appserviceId), isNull(accounts.deactivatedMs)))
    .limit(limit);
  return rows.map((row) => row.userId as UserId);
}

/** Which of these have an account here, ghosts and deactivated ones included. */
export async function selectExisting(db: DrizzleD1Database, userIds: readonly UserId[]): Promise<UserId[]> {
  const found: UserId[] = [];
  for (let start = 0; start < userIds.length; start += maxIdsPerQuery) {
    const rows = await db
      .select({ userId: accounts.userId })
      .from(accounts)
      .where(inArray(accounts.userId, userIds.slice(start, start + maxIdsPerQuery)));
    found.push(...rows.map((row) => row.userId as UserId));
  }
  return found;
}
