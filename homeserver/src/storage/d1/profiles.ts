import { and, eq, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { JsonValue } from '../../../../matrix/json.ts';
import { limits } from '../../../../matrix/limits.ts';
import { profileFields } from './schema.ts';

/** Fields that are not set are absent; `displayname` and `avatar_url` are never empty. */
export interface Profile {
  displayname?: string;
  avatar_url?: string;
  [field: string]: JsonValue | undefined;
}

/** All fields of a local user; empty for one who has set none or does not exist. */
export async function readProfile(db: DrizzleD1Database, userId: UserId): Promise<Profile> {
  const rows = await db.select().from(profileFields).where(eq(profileFields.userId, userId));
  return Object.fromEntries(rows.map((row) => [row.name, JSON.parse(row.value) as JsonValue]));
}

/** @returns `false` if the profile would grow over the specification's 64 KiB; then nothing changes */
export async function writeProfileField(
  db: DrizzleD1Database,
  userId: UserId,
  name: string,
  value: JsonValue,
): Promise<boolean> {
  const text = JSON.stringify(value);
  // Quotes, colons and commas of the served object count as well: 6 bytes a field are never too few.
  const result = await db.run(sql`
    INSERT INTO profile_fields (user_id, name, value)
    SELECT ${userId}, ${name}, ${text}
    WHERE ${name.length + Buffer.byteLength(text) + 6} + (
      SELECT COALESCE(SUM(LENGTH(name) + LENGTH(CAST(value AS BLOB)) + 6), 0)
      FROM profile_fields WHERE user_id = ${userId} AND name <> ${name}
    ) < ${limits.maxProfileBytes}
    ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value`);
  return result.meta.changes > 0;
}

export async function deleteProfileField(db: DrizzleD1Database, userId: UserId, name: string): Promise<void> {
  await db.delete(profileFields).where(and(eq(profileFields.userId, userId), eq(profileFields.name, name)));
}

export async function deleteProfile(db: DrizzleD1Database, userId: UserId): Promise<void> {
  await db.delete(profileFields).where(eq(profileFields.userId, userId));
}

export interface DirectoryEntry {
  userId: string;
  displayName?: string;
  avatarUrl?: string;
}

/**
 * People of this server whose id or display name contains `term`, whatever the case of ASCII letters.
 * Ghosts are left out: they would tell everyone here whom the owner of a bridge talks to.
 * @note `instr`, because D1 allows only 50 bytes in a `LIKE` pattern.
 */
export async function searchPeople(
  db: DrizzleD1Database,
  term: string,
  limit: number,
): Promise<DirectoryEntry[]> {
  const rows = await db.all<{ userId: string; displayName: string | null; avatarUrl: string | null }>(sql`
    SELECT a.user_id AS userId, n.value ->> '$' AS displayName, i.value ->> '$' AS avatarUrl
    FROM accounts a
    LEFT JOIN profile_fields n ON n.user_id = a.user_id AND n.name = 'displayname'
    LEFT JOIN profile_fields i ON i.user_id = a.user_id AND i.name = 'avatar_url'
    WHERE a.appservice_id IS NULL AND a.deactivated_ms IS NULL
      AND (instr(a.user_id, lower(${term})) > 0 OR instr(lower(n.value ->> '$'), lower(${term})) > 0)
    ORDER BY a.user_id LIMIT ${limit}`);
  return rows.map(({ userId, displayName, avatarUrl }) => ({
    userId,
    ...(displayName !== null && { displayName }),
    ...(avatarUrl !== null && { avatarUrl }),
  }));
}
