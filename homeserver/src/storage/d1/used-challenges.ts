import { lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { usedChallenges } from './schema.ts';

/** Uses a challenge up, and forgets those that have ended. @returns `false` if it was used before */
export async function takeChallenge(
  db: DrizzleD1Database,
  challengeHash: string,
  expiresMs: number,
  nowMs: number,
): Promise<boolean> {
  const [, inserted] = await db.batch([
    db.delete(usedChallenges).where(lte(usedChallenges.expiresMs, nowMs)),
    db.insert(usedChallenges).values({ challengeHash, expiresMs }).onConflictDoNothing(),
  ]);
  return inserted.meta.changes > 0;
}
