import { and, count, eq, gt, lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { rendezvousSessions } from './schema.ts';

export type RendezvousSession = typeof rendezvousSessions.$inferSelect;

/** Also forgets what has expired. @returns how many sessions there are */
export async function countSessions(db: DrizzleD1Database, nowMs: number): Promise<number> {
  const [, [row]] = await db.batch([
    db.delete(rendezvousSessions).where(lte(rendezvousSessions.expiresMs, nowMs)),
    db.select({ sessions: count() }).from(rendezvousSessions),
  ]);
  return row?.sessions ?? 0;
}

export async function insertSession(db: DrizzleD1Database, session: RendezvousSession): Promise<void> {
  await db.insert(rendezvousSessions).values(session);
}

export async function findSession(
  db: DrizzleD1Database,
  sessionId: string,
  nowMs: number,
): Promise<RendezvousSession | undefined> {
  const isLive = and(eq(rendezvousSessions.sessionId, sessionId), gt(rendezvousSessions.expiresMs, nowMs));
  return db.select().from(rendezvousSessions).where(isLive).get();
}

/** Of several who replace the same version, one succeeds. */
export async function replacePayload(
  db: DrizzleD1Database,
  sessionId: string,
  payload: string,
  version: number,
  nowMs: number,
): Promise<RendezvousSession | undefined> {
  const [row] = await db
    .update(rendezvousSessions)
    .set({ payload, version: version + 1, modifiedMs: nowMs })
    .where(
      and(
        eq(rendezvousSessions.sessionId, sessionId),
        eq(rendezvousSessions.version, version),
        gt(rendezvousSessions.expiresMs, nowMs),
      ),
    )
    .returning();
  return row;
}

/** @returns whether there was one */
export async function deleteSession(db: DrizzleD1Database, sessionId: string): Promise<boolean> {
  const deleted = await db
    .delete(rendezvousSessions)
    .where(eq(rendezvousSessions.sessionId, sessionId))
    .run();
  return deleted.meta.changes > 0;
}
