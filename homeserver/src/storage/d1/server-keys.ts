import { inArray, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { encodeBase64 } from '../../protocol/crypto.ts';
import type { PublishedKey } from '../../protocol/server-key-answer.ts';
import { serverKeyAnswers, serverKeys } from './schema.ts';

export type ServerKeyRow = typeof serverKeys.$inferSelect;

/** D1 takes 100 parameters. */
const namesAtOnce = 90;

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
 * Keeps keys for ever: old events are still to be verified when their server is gone. All in one transaction.
 * @param isDirect by the servers themselves; what others say brings no key back that its server has given up
 */
export async function storeServerKeys(
  db: DrizzleD1Database,
  answers: readonly { answer: KeyAnswerRow; keys: readonly PublishedKey[] }[],
  isDirect: boolean,
): Promise<void> {
  const [first, ...others] = answers.flatMap(({ answer, keys }) => [
    db
      .insert(serverKeyAnswers)
      .values(answer)
      .onConflictDoUpdate({ target: serverKeyAnswers.serverName, set: answer }),
    ...keys.map(({ publicKey, ...key }) =>
      db
        .insert(serverKeys)
        .values({ ...key, serverName: answer.serverName, publicKey: encodeBase64(publicKey) })
        .onConflictDoUpdate({
          target: [serverKeys.serverName, serverKeys.keyId],
          set: {
            publicKey: sql`excluded.public_key`,
            validUntilMs: sql`excluded.valid_until_ms`,
            isOld: sql`excluded.is_old`,
          },
          ...(!isDirect && { setWhere: isNewer }),
        }),
    ),
  ]);
  if (first) await db.batch([first, ...others]);
}

const isNewer = sql`NOT ${serverKeys.isOld} AND excluded.valid_until_ms > ${serverKeys.validUntilMs}`;

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
