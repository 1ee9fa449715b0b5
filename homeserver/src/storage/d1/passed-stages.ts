import { and, eq, gt, lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { passedStages } from './schema.ts';

/** Notes the registration token of a session, and forgets those that have ended. */
export async function passStage(
  db: DrizzleD1Database,
  row: typeof passedStages.$inferInsert,
  nowMs: number,
): Promise<void> {
  const { tokenHash, expiresMs } = row;
  await db.batch([
    db.delete(passedStages).where(lte(passedStages.expiresMs, nowMs)),
    db
      .insert(passedStages)
      .values(row)
      .onConflictDoUpdate({ target: passedStages.sessionHash, set: { tokenHash, expiresMs } }),
  ]);
}

/** @returns the hash of the registration token that was given for the session */
export async function tokenOfSession(
  db: DrizzleD1Database,
  sessionHash: string,
  nowMs: number,
): Promise<string | undefined> {
  const isFresh = gt(passedStages.expiresMs, nowMs);
  const row = await db
    .select({ tokenHash: passedStages.tokenHash })
    .from(passedStages)
    .where(and(eq(passedStages.sessionHash, sessionHash), isFresh))
    .get();
  return row?.tokenHash;
}
