import type { UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { UrlPreviewCache } from '../storage/url-preview-cache.ts';
import { mediaStores, storeUpload } from './media.ts';
import type { PreviewImage } from './preview-image.ts';
import { publicFetch } from './public-fetch.ts';
import { makePreview } from './url-preview.ts';

export interface PreviewRequest {
  /** Without a fragment. */
  address: string;
  language: string | null;
  /** Whose the picture is. */
  userId: UserId;
  /** Called before something is fetched; may throw. */
  beforeFetch(): void;
  waitUntil(work: Promise<unknown>): void;
}

/** What is known of a page, or is found out now. @returns nothing if the page cannot be had */
export async function findPreview(
  env: Env,
  config: Config,
  { address, language, userId, beforeFetch, waitUntil }: PreviewRequest,
): Promise<Record<string, string | number> | undefined> {
  const cache = new UrlPreviewCache(env.CACHE);
  const cached = await cache.get(address);
  if (cached) return cached.kind === 'made' ? cached.preview : undefined;
  beforeFetch();
  const made = await makePreview(publicFetch(env, config), address, language);
  if (!made) {
    waitUntil(cache.put(address, { kind: 'none' }));
    return undefined;
  }
  const image = made.image && (await keepImage(env, config, userId, made.image));
  const preview = { ...Object.fromEntries(made.properties), ...image };
  waitUntil(cache.put(address, { kind: 'made', preview }));
  return preview;
}

async function keepImage(
  env: Env,
  config: Config,
  uploader: UserId,
  { bytes, contentType, width, height }: PreviewImage,
): Promise<Record<string, string | number>> {
  const upload = {
    uploader,
    body: new Response(bytes).body,
    contentType,
    fileName: undefined,
    quotaBytes: Number.POSITIVE_INFINITY,
  };
  const mediaId = await storeUpload(mediaStores(env, config), upload, Date.now());
  return {
    'og:image': `mxc://${config.serverName}/${mediaId}`,
    'og:image:type': contentType,
    'og:image:width': width,
    'og:image:height': height,
    'matrix:image:size': bytes.byteLength,
  };
}
