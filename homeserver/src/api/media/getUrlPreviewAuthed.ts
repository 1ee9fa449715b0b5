import * as v from 'valibot';
import { invalidParam, unknown, unrecognized } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';
import { type MediaStores, mediaStores, storeUpload } from '../../services/media.ts';
import type { PreviewImage } from '../../services/preview-image.ts';
import { publicFetch } from '../../services/public-fetch.ts';
import { makePreview } from '../../services/url-preview.ts';
import { UrlPreviewCache } from '../../storage/url-preview-cache.ts';
import { endpoint } from '../endpoint.ts';
import { checkPreviews } from '../rate-limit.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediapreview_url
 * @note Off unless the owner turns it on: it tells sites that somebody here reads about them.
 */
export const getUrlPreviewAuthed = endpoint({
  operationId: 'getUrlPreviewAuthed',
  method: 'GET',
  // The others are the deprecated `getUrlPreview`, which asked for a token too.
  paths: [
    '/_matrix/client/v1/media/preview_url',
    '/_matrix/media/v3/preview_url',
    '/_matrix/media/r0/preview_url',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ url: v.pipe(v.string(), v.maxLength(2048)) }),
  async handler({ request, query, env, config, waitUntil }, { userId }) {
    if (!config.urlPreviews) throw unrecognized('This server makes no previews of pages');
    const url = addressOf(query.url);
    const cache = new UrlPreviewCache(env.CACHE);
    const cached = await cache.get(url);
    if (cached?.kind === 'made') return cached.preview;
    if (cached?.kind === 'none') throw noPreview();
    checkPreviews(userId, config);
    const made = await makePreview(publicFetch(env, config), url, request.headers.get('accept-language'));
    if (!made) {
      waitUntil(cache.put(url, { kind: 'none' }));
      throw noPreview();
    }
    const image = made.image && (await keepImage(mediaStores(env, config), config, userId, made.image));
    const preview = { ...Object.fromEntries(made.properties), ...image };
    waitUntil(cache.put(url, { kind: 'made', preview }));
    return preview;
  },
});

/** Without its fragment, which no server sees. @throws `M_INVALID_PARAM` */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidParam('url is no address of the web');
  url.hash = '';
  return url.href;
}

async function keepImage(
  stores: MediaStores,
  { serverName }: Config,
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
  const mediaId = await storeUpload(stores, upload, Date.now());
  return {
    'og:image': `mxc://${serverName}/${mediaId}`,
    'og:image:type': contentType,
    'og:image:width': width,
    'og:image:height': height,
    'matrix:image:size': bytes.byteLength,
  };
}

/** Why is not told: it would tell what can be reached from here. */
function noPreview() {
  return unknown('No preview could be made of this address', 502);
}
