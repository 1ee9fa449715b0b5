import * as v from 'valibot';
import { mediaStores } from '../../services/media.ts';
import { roundThumbnailSize, type ThumbnailSize } from '../../services/thumbnail-size.ts';
import { ImagesThumbnailer } from '../../services/thumbnailer.ts';
import { findThumbnail } from '../../services/thumbnails.ts';
import { BlobVariants } from '../../storage/blob-store-variants.ts';
import type { MediaRow } from '../../storage/d1/media.ts';
import type { Call } from '../endpoint.ts';
import { findRequested } from './find-requested.ts';
import { timeoutMs } from './request-fields.ts';
import { isKnown, mediaHeaders, serveMedia } from './serve-media.ts';

const side = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'not a number of pixels'), v.transform(Number));

export const thumbnailQuery = v.object({
  width: side,
  height: side,
  method: v.optional(v.picklist(['crop', 'scale']), 'scale'),
  animated: v.optional(v.picklist(['true', 'false']), 'false'),
  timeout_ms: timeoutMs,
});

/**
 * A picture, shrunk to the next of a few sizes; "the actual thumbnail may be larger than the size specified".
 * Only who asks for animations may get one.
 */
export async function answerThumbnail({
  request,
  params,
  query,
  env,
  config,
  waitUntil,
}: Call<undefined, v.InferOutput<typeof thumbnailQuery>>): Promise<Response> {
  const stores = mediaStores(env, config);
  const found = await findRequested({ params, env, config, waitUntil }, stores, query.timeout_ms);
  const size = roundThumbnailSize(query);
  const moving = query.animated === 'true';
  const etag = etagOf(found, size, moving);
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers: { etag } });
  const thumbnail = await findThumbnail(
    {
      blobs: stores.blobs,
      variants: new BlobVariants(env.MEDIA),
      thumbnailer: new ImagesThumbnailer(env.IMAGES),
    },
    found,
    size,
    moving,
    waitUntil,
  );
  const { contentType } = thumbnail;
  if (thumbnail.kind === 'original') return serveMedia(request, stores.blobs, { ...found, contentType });
  return new Response(thumbnail.body, { headers: { ...mediaHeaders(contentType, null), etag } });
}

function etagOf(
  { contentHash }: MediaRow,
  { method, width, height }: ThumbnailSize,
  moving: boolean,
): string {
  return `"${contentHash}-${width}x${height}-${method}${moving ? '-moving' : ''}"`;
}
