import { and, eq, gt, lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { interactiveSessions } from './schema.ts';

export interface InteractiveSession {
  sessionId: string;
  /** What may be done with it: hash of user, operation and body. */
  requestHash: string;
  /** Stages passed so far. */
  completed: string[];
}

/** Also clears away expired sessions, so that no other cleaning is needed. */
export async function createInteractiveSession(
  db: DrizzleD1Database,
  session: InteractiveSession,
  expiresMs: number,
  nowMs: number,
): Promise<void> {
  await db.batch([
    db.delete(interactiveSessions).where(lte(interactiveSessions.expiresMs, nowMs)),
    db
      .insert(interactiveSessions)
      .values({ ...session, completed: JSON.stringify(session.completed), expiresMs }),
  ]);
}

export async function readInteractiveSession(
  db: DrizzleD1Database,
  sessionId: string,
  nowMs: number,
): Promise<InteractiveSession | undefined> {
  const row = await db
    .select()
    .from(interactiveSessions)
    .where(and(eq(interactiveSessions.sessionId, sessionId), gt(interactiveSessions.expiresMs, nowMs)))
    .get();
  return row && { ...row, completed: JSON.parse(row.completed) as string[] };
}

export async function setInteractiveStages(
  db: DrizzleD1Database,
  sessionId: string,
  completed: readonly string[],
): Promise<void> {
  await db
    .update(interactiveSessions)
    .set({ completed: JSON.stringify(completed) })
    .where(eq(interactiveSessions.sessionId, sessionId));
}

/** @returns `false` if another request has ended it already */
export async function endInteractiveSession(db: DrizzleD1Database, sessionId: string): Promise<boolean> {
  const result = await db.delete(interactiveSessions).where(eq(interactiveSessions.sessionId, sessionId));
  return result.meta.changes > 0;
}
