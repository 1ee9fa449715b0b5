import { notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Config } from '../../../config.ts';
import { deleteMedia } from '../../../services/admin/delete-media.ts';
import { mediaStores } from '../../../services/media.ts';
import type { MediaRow } from '../../../storage/d1/media.ts';
import type { Call } from '../../endpoint.ts';

/** A file in lists. When it was last read is not known here. */
export function mediaDetails(row: MediaRow): JsonObject {
  return {
    media_id: row.mediaId,
    media_type: row.contentType,
    media_length: row.sizeBytes,
    upload_name: row.fileName,
    created_ts: row.createdMs,
    last_access_ts: null,
    quarantined_by: row.quarantinedBy,
    safe_from_quarantine: row.protected,
  };
}

/** @returns the answer to every deletion */
export async function deleteThese(
  { env, config }: Pick<Call<unknown, unknown>, 'env' | 'config'>,
  mediaIds: readonly string[],
): Promise<{ deleted_media: string[]; total: number }> {
  const deleted = await deleteMedia(mediaStores(env, config), env.MEDIA, mediaIds);
  return { deleted_media: deleted, total: deleted.length };
}

/** Media of other servers are kept under the name of their server. */
export function mediaKey(
  serverName: string | undefined,
  mediaId: string | undefined,
  config: Config,
): string {
  return serverName === config.serverName ? (mediaId ?? '') : `${serverName}/${mediaId}`;
}

export const mediaNotFound = () => notFound('Unknown media');
