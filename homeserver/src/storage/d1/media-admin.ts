import { and, asc, count, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { MediaRow } from './media.ts';
import { media } from './schema.ts';

/** What administrators do with the table `media`. Its readers use indexes that begin with what they ask for. */

const columns = {
  created_ts: media.createdMs,
  media_id: media.mediaId,
  media_length: media.sizeBytes,
  media_type: media.contentType,
  upload_name: media.fileName,
  quarantined_by: media.quarantinedBy,
  safe_from_quarantine: media.protected,
} as const;

export const mediaOrders = Object.keys(columns) as (keyof typeof columns)[];

export interface Page<Order> {
  orderBy: Order;
  dir: 'f' | 'b';
  from: number;
  limit: number;
}

/** Bound parameters of one statement, with room for the others of the query. */
const maxIdsPerQuery = 90;

export async function mediaOfUser(
  db: DrizzleD1Database,
  uploader: string,
  { orderBy, dir, from, limit }: Page<keyof typeof columns>,
): Promise<MediaRow[]> {
  const direction = dir === 'f' ? asc : desc;
  return db
    .select()
    .from(media)
    .where(eq(media.uploader, uploader))
    .orderBy(direction(columns[orderBy]), direction(media.mediaId))
    .limit(limit)
    .offset(from);
}

export async function countMediaOfUser(db: DrizzleD1Database, uploader: string): Promise<number> {
  const row = await db.select({ files: count() }).from(media).where(eq(media.uploader, uploader)).get();
  return row?.files ?? 0;
}

/** Media of other servers have those for uploaders. */
const ofOurs = sql`${media.uploader} LIKE '@%'`;
const ofOthers = sql`${media.uploader} NOT LIKE '@%'`;

/** From before a time and larger than a size, oldest first. */
export async function oldMedia(
  db: DrizzleD1Database,
  whose: 'ours' | 'others',
  beforeMs: number,
  largerThan: number,
  { from, limit }: { from: number; limit: number },
): Promise<string[]> {
  const rows = await db
    .select({ mediaId: media.mediaId })
    .from(media)
    .where(
      and(
        whose === 'ours' ? ofOurs : ofOthers,
        lt(media.createdMs, beforeMs),
        gt(media.sizeBytes, largerThan),
      ),
    )
    .orderBy(media.createdMs)
    .limit(limit)
    .offset(from);
  return rows.map(({ mediaId }) => mediaId);
}

/** Of these media, those that are the picture of a user or a room here. @param prefix `mxc://<server>/` */
export async function mediaInProfiles(
  db: DrizzleD1Database,
  prefix: string,
  mediaIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db.all<{ uri: string }>(sql`
    WITH wanted AS (SELECT ${prefix} || value AS uri FROM json_each(${JSON.stringify(mediaIds)}))
    SELECT uri FROM wanted
    WHERE uri IN (SELECT value ->> '$' FROM profile_fields WHERE name = 'avatar_url')
      OR uri IN (SELECT avatar_url FROM room_index)`);
  return new Set(rows.map(({ uri }) => uri.slice(prefix.length)));
}

/** @returns hashes of the files that no media has any more, and the ids that there were */
export async function deleteMediaRows(
  db: DrizzleD1Database,
  mediaIds: readonly string[],
): Promise<{ deleted: string[]; orphans: string[] }> {
  const deleted: string[] = [];
  const hashes = new Set<string>();
  for (let start = 0; start < mediaIds.length; start += maxIdsPerQuery) {
    const rows = await db
      .delete(media)
      .where(inArray(media.mediaId, mediaIds.slice(start, start + maxIdsPerQuery)))
      .returning({ mediaId: media.mediaId, contentHash: media.contentHash });
    for (const { mediaId, contentHash } of rows) {
      deleted.push(mediaId);
      hashes.add(contentHash);
    }
  }
  const orphans = await db.all<{ hash: string }>(sql`
    SELECT value AS hash FROM json_each(${JSON.stringify([...hashes])})
    WHERE NOT EXISTS (SELECT 1 FROM media m WHERE m.content_hash = value)`);
  return { deleted, orphans: orphans.map(({ hash }) => hash) };
}

/** With all that has the same contents; what is protected stays. @returns how many came into quarantine */
export async function quarantine(db: DrizzleD1Database, mediaIds: readonly string[], by: string) {
  return quarantineWhere(db, by, hashesOf(mediaIds));
}

export async function quarantineOfUser(db: DrizzleD1Database, uploader: string, by: string) {
  return quarantineWhere(db, by, sql`SELECT o.content_hash FROM media o WHERE o.uploader = ${uploader}`);
}

async function quarantineWhere(db: DrizzleD1Database, by: string, hashes: SQL): Promise<number> {
  const changed = await db
    .update(media)
    .set({ quarantinedBy: by })
    .where(
      and(
        sql`${media.contentHash} IN (${hashes})`,
        eq(media.protected, false),
        sql`${media.quarantinedBy} IS NULL`,
      ),
    );
  return changed.meta.changes;
}

export async function liftQuarantine(db: DrizzleD1Database, mediaId: string): Promise<void> {
  await db
    .update(media)
    .set({ quarantinedBy: null })
    .where(sql`${media.contentHash} IN (${hashesOf([mediaId])})`);
}

function hashesOf(mediaIds: readonly string[]): SQL {
  return sql`SELECT o.content_hash FROM json_each(${JSON.stringify(mediaIds)}) w JOIN media o ON o.media_id = w.value`;
}

/** @returns `false` if there is no such media */
export async function protect(db: DrizzleD1Database, mediaId: string, value: boolean): Promise<boolean> {
  const changed = await db.update(media).set({ protected: value }).where(eq(media.mediaId, mediaId));
  return changed.meta.changes > 0;
}

export interface MediaOfUser {
  userId: string;
  displayName: string | null;
  files: number;
  bytes: number;
}

const statisticsOrders = {
  user_id: sql.raw('m.uploader'),
  displayname: sql.raw('display_name'),
  media_count: sql.raw('files'),
  media_length: sql.raw('bytes'),
} as const;

export const mediaStatisticsOrders = Object.keys(statisticsOrders) as (keyof typeof statisticsOrders)[];

export interface MediaStatisticsFilter {
  fromMs?: number | undefined;
  untilMs?: number | undefined;
  searchTerm?: string | undefined;
}

/** Who has uploaded how much. Reads an entry of an index for each file that there is. */
export async function mediaStatistics(
  db: DrizzleD1Database,
  { fromMs, untilMs, searchTerm }: MediaStatisticsFilter,
  { orderBy, dir, from, limit }: Page<keyof typeof statisticsOrders>,
): Promise<{ users: MediaOfUser[]; total: number }> {
  const isSearched =
    searchTerm === undefined
      ? sql`TRUE`
      : sql`(instr(m.uploader, lower(${searchTerm})) > 0 OR instr(lower(n.value ->> '$'), lower(${searchTerm})) > 0)`;
  const isDated =
    fromMs === undefined && untilMs === undefined
      ? sql`TRUE`
      : sql`m.created_ms BETWEEN ${fromMs ?? 0} AND ${untilMs ?? Number.MAX_SAFE_INTEGER}`;
  const matching = sql`FROM media m LEFT JOIN profile_fields n ON n.user_id = m.uploader AND n.name = 'displayname'
    WHERE m.uploader LIKE '@%' AND ${isSearched} AND ${isDated}`;
  const [users, totals] = await Promise.all([
    db.all<MediaOfUser>(sql`
      SELECT m.uploader AS userId, n.value ->> '$' AS displayName, count(*) AS files, sum(m.size_bytes) AS bytes,
        n.value ->> '$' AS display_name
      ${matching} GROUP BY m.uploader
      ORDER BY ${statisticsOrders[orderBy]} ${sql.raw(dir === 'f' ? 'ASC' : 'DESC')}, m.uploader
      LIMIT ${limit} OFFSET ${from}`),
    db.all<{ users: number }>(sql`SELECT count(DISTINCT m.uploader) AS users ${matching}`),
  ]);
  return { users, total: totals[0]?.users ?? 0 };
}
