import { createHash } from 'node:crypto';
import { and, eq, ne } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { pushkeys } from './schema.ts';

const hash = (pushkey: string) => createHash('sha256').update(pushkey).digest('base64url');

/** @returns the other users that have set a pusher with this key; some may have deleted it since */
export async function otherUsersOfPushkey(
  db: DrizzleD1Database,
  appId: string,
  pushkey: string,
  userId: string,
): Promise<string[]> {
  const rows = await db
    .select({ userId: pushkeys.userId })
    .from(pushkeys)
    .where(and(eq(pushkeys.appId, appId), eq(pushkeys.keyHash, hash(pushkey)), ne(pushkeys.userId, userId)));
  return rows.map((row) => row.userId);
}

export async function addPushkey(
  db: DrizzleD1Database,
  appId: string,
  pushkey: string,
  userId: string,
): Promise<void> {
  await db
    .insert(pushkeys)
    .values({ appId, keyHash: hash(pushkey), userId })
    .onConflictDoNothing();
}

export async function removePushkey(
  db: DrizzleD1Database,
  appId: string,
  pushkey: string,
  userId: string,
): Promise<void> {
  await db
    .delete(pushkeys)
    .where(and(eq(pushkeys.appId, appId), eq(pushkeys.keyHash, hash(pushkey)), eq(pushkeys.userId, userId)));
}
