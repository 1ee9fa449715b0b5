import { and, desc, eq, inArray, isNull, lt, or } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { oauthClients } from './schema.ts';

/** Registrations that nobody has signed in by are kept for so long, and no more of them than that. */
const unusedKeptMs = 24 * 60 * 60 * 1000;
const maxUnused = 1000;

/** Keeps a client, unless it is known already, and forgets those that came to nothing. @param metadata JSON */
export async function registerClient(
  db: DrizzleD1Database,
  clientId: string,
  metadata: string,
  nowMs: number,
): Promise<void> {
  const overflow = db
    .select({ clientId: oauthClients.clientId })
    .from(oauthClients)
    .where(isNull(oauthClients.usedMs))
    .orderBy(desc(oauthClients.createdMs))
    .limit(maxUnused)
    .offset(maxUnused);
  await db.batch([
    db
      .insert(oauthClients)
      .values({ clientId, metadata, createdMs: nowMs })
      .onConflictDoUpdate({ target: oauthClients.clientId, set: { createdMs: nowMs } }),
    db
      .delete(oauthClients)
      .where(
        and(
          isNull(oauthClients.usedMs),
          or(lt(oauthClients.createdMs, nowMs - unusedKeptMs), inArray(oauthClients.clientId, overflow)),
        ),
      ),
  ]);
}

/** @returns its metadata as it was stored */
export async function readClient(db: DrizzleD1Database, clientId: string): Promise<string | undefined> {
  const row = await db
    .select({ metadata: oauthClients.metadata })
    .from(oauthClients)
    .where(eq(oauthClients.clientId, clientId))
    .get();
  return row?.metadata;
}

/** Somebody signs in by it: it stays. */
export async function markClientUsed(db: DrizzleD1Database, clientId: string, nowMs: number): Promise<void> {
  await db
    .update(oauthClients)
    .set({ usedMs: nowMs })
    .where(and(eq(oauthClients.clientId, clientId), isNull(oauthClients.usedMs)));
}
