import { inArray, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { serverKeyAnswers, serverKeys } from './schema.ts';

export type ServerKeyRow = typeof serverKeys.$inferSelect;

/** D1 takes 100 parameters. */
const namesAtOnce = 90;
const rowsAtOnce = 20;

/** All keys that are known of those servers, in no order. */
export async function findServerKeys(
  db: DrizzleD1Database,
  serverNames: readonly string[],
): Promise<ServerKeyRow[]> {
  const found: ServerKeyRow[] = [];
  for (let at = 0; at < serverNames.length; at += namesAtOnce) {
    const names = serverNames.slice(at, at + namesAtOnce);
    found.push(...(await db.select().from(serverKeys).where(inArray(serverKeys.serverName, names)).all()));
  }
  return found;
}

export interface KeyAnswerRow {
  serverName: string;
  /** JSON as the server signed it. */
  answer: string;
  validUntilMs: number;
  fetchedMs: number;
}

/**
 * Keeps keys for ever: old events are still to be verified when their server is gone.
 * @param isDirect by the server itself; what others say brings no key back that its server has given up
 */
export async function storeServerKeys(
  db: DrizzleD1Database,
  rows: readonly ServerKeyRow[],
  answer: KeyAnswerRow,
  isDirect: boolean,
): Promise<void> {
  const inserts = [];
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    inserts.push(
      db
        .insert(serverKeys)
        .values(rows.slice(at, at + rowsAtOnce))
        .onConflictDoUpdate({
          target: [serverKeys.serverName, serverKeys.keyId],
          set: {
            publicKey: sql`excluded.public_key`,
            validUntilMs: sql`excluded.valid_until_ms`,
            isOld: sql`excluded.is_old`,
          },
          ...(isDirect
            ? {}
            : {
                setWhere: sql`NOT ${serverKeys.isOld} AND excluded.valid_until_ms > ${serverKeys.validUntilMs}`,
              }),
        }),
    );
  }
  const newAnswer = db
    .insert(serverKeyAnswers)
    .values(answer)
    .onConflictDoUpdate({ target: serverKeyAnswers.serverName, set: answer });
  await db.batch([newAnswer, ...inserts]);
}

/** What servers last said of their keys. @param serverNames at most 90 */
export async function findKeyAnswers(
  db: DrizzleD1Database,
  serverNames: readonly string[],
): Promise<KeyAnswerRow[]> {
  return db
    .select()
    .from(serverKeyAnswers)
    .where(inArray(serverKeyAnswers.serverName, [...serverNames]))
    .all();
}
