import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import { BlobVariants } from '../../storage/blob-store-variants.ts';
import { deleteMediaRows } from '../../storage/d1/media-admin.ts';
import type { MediaStores } from '../media.ts';

/**
 * Deletes media, and the files that no other media has.
 * @note Whoever uploads the same file in this very moment may lose it: it was to be deleted.
 * @returns the ids of those that there were
 */
export async function deleteMedia(
  { db, blobs }: MediaStores & { db: DrizzleD1Database },
  bucket: R2Bucket,
  mediaIds: readonly string[],
): Promise<string[]> {
  const { deleted, orphans } = await deleteMediaRows(db, mediaIds);
  const variants = new BlobVariants(bucket);
  await mapConcurrently(orphans, 4, async (hash) => {
    await blobs.delete(hash);
    await variants.deleteAll(hash);
  });
  return deleted;
}
