import { findMedia, type MediaStores } from '../../services/media.ts';
import { findRemoteMedia } from '../../services/remote-media.ts';
import type { MediaRow } from '../../storage/d1/media.ts';
import type { Call } from '../endpoint.ts';

/** The file that the path names, of this server or of another. @throws MatrixError */
export async function findRequested(
  { params, env, config, waitUntil }: Pick<Call<unknown, unknown>, 'params' | 'env' | 'config' | 'waitUntil'>,
  stores: MediaStores,
  timeoutMs: number,
): Promise<MediaRow> {
  const { serverName = '', mediaId = '' } = params;
  if (serverName === config.serverName) return findMedia(stores, mediaId, timeoutMs);
  return findRemoteMedia({ env, config, stores, waitUntil }, serverName, mediaId);
}
