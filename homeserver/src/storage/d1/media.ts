import { and, count, eq, gt, lte, sql, sum } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { media, pendingMedia } from './schema.ts';

export type MediaRow = typeof media.$inferSelect;
export type PendingMediaRow = typeof pendingMedia.$inferSelect;

/** It begins unprotected, and quarantined if the same file is. */
export type NewMediaRow = Omit<MediaRow, 'quarantinedBy' | 'protected'>;

export async function insertMedia(db: DrizzleD1Database, row: NewMediaRow): Promise<void> {
  await db.insert(media).values({ ...row, quarantinedBy: quarantineOf(row.contentHash) });
}

function quarantineOf(contentHash: string) {
  return sql<
    string | null
  >`(SELECT q.quarantined_by FROM media q WHERE q.content_hash = ${contentHash} AND q.quarantined_by IS NOT NULL LIMIT 1)`;
}

export async function readMedia(db: DrizzleD1Database, mediaId: string): Promise<MediaRow | undefined> {
  return db.select().from(media).where(eq(media.mediaId, mediaId)).get();
}

/** Of another server; whoever fetched it at the same time may have come first. */
export async function insertRemoteMedia(db: DrizzleD1Database, row: NewMediaRow): Promise<void> {
  await db
    .insert(media)
    .values({ ...row, quarantinedBy: quarantineOf(row.contentHash) })
    .onConflictDoNothing();
}

/** Of other servers' media those, oldest first, that have to go for the rest to have this size. A part of them. */
export async function oldestRemoteMedia(db: DrizzleD1Database, maxBytes: number): Promise<string[]> {
  const rows = await db.all<{ id: string; bytes: number; total: number }>(sql`
    SELECT media_id AS id, size_bytes AS bytes,
      (SELECT SUM(size_bytes) FROM media INDEXED BY remote_media WHERE uploader NOT LIKE '@%') AS total
    FROM media INDEXED BY remote_media WHERE uploader NOT LIKE '@%' ORDER BY created_ms LIMIT 200`);
  let surplus = (rows[0]?.total ?? 0) - maxBytes;
  return rows
    .filter(({ bytes }) => {
      const goes = surplus > 0;
      surplus -= bytes;
      return goes;
    })
    .map(({ id }) => id);
}

/** The sizes of all that a user has uploaded, whether or not others have the same. */
export async function uploadedBytes(db: DrizzleD1Database, uploader: string): Promise<number> {
  const row = await db
    .select({ bytes: sum(media.sizeBytes) })
    .from(media)
    .where(eq(media.uploader, uploader))
    .get();
  return Number(row?.bytes ?? 0);
}

/** Ids that were given out and whose file is still to come; expired ones are not found. */
export async function readPendingMedia(
  db: DrizzleD1Database,
  mediaId: string,
  nowMs: number,
): Promise<PendingMediaRow | undefined> {
  return db
    .select()
    .from(pendingMedia)
    .where(and(eq(pendingMedia.mediaId, mediaId), gt(pendingMedia.expiresMs, nowMs)))
    .get();
}

/**
 * Gives out an id, unless the uploader has `maxPending` unused ones. Forgets all that expired.
 * @returns `false` if there are too many
 */
export async function insertPendingMedia(
  db: DrizzleD1Database,
  row: PendingMediaRow,
  maxPending: number,
  nowMs: number,
): Promise<boolean> {
  const [, pending] = await db.batch([
    db.delete(pendingMedia).where(lte(pendingMedia.expiresMs, nowMs)),
    db.select({ pending: count() }).from(pendingMedia).where(eq(pendingMedia.uploader, row.uploader)),
  ]);
  if ((pending[0]?.pending ?? 0) >= maxPending) return false;
  await db.insert(pendingMedia).values(row);
  return true;
}

/**
 * Gives a pending id its file. D1 runs a batch as one transaction, so of two uploads one wins.
 * @returns `false` if the id is not pending any more
 */
export async function completePendingMedia(db: DrizzleD1Database, row: NewMediaRow): Promise<boolean> {
  const given = (value: string | number | null, name: string) => sql`${value}`.as(name);
  const taken = db
    .select({
      mediaId: pendingMedia.mediaId,
      uploader: pendingMedia.uploader,
      contentHash: given(row.contentHash, 'content_hash'),
      contentType: given(row.contentType, 'content_type'),
      fileName: given(row.fileName, 'file_name'),
      sizeBytes: given(row.sizeBytes, 'size_bytes'),
      createdMs: given(row.createdMs, 'created_ms'),
      quarantinedBy: quarantineOf(row.contentHash).as('quarantined_by'),
      protected: sql<boolean>`0`.as('protected'),
    })
    .from(pendingMedia)
    .where(and(eq(pendingMedia.mediaId, row.mediaId), eq(pendingMedia.uploader, row.uploader)));
  const [inserted] = await db.batch([
    db.insert(media).select(taken),
    db.delete(pendingMedia).where(eq(pendingMedia.mediaId, row.mediaId)),
  ]);
  return inserted.meta.changes > 0;
}
