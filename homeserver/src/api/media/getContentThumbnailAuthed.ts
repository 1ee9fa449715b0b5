import * as v from 'valibot';
import { MatrixError } from '../../../../matrix/errors.ts';
import { findMedia, mediaStores } from '../../services/media.ts';
import { type Still, stillHeadSizes, stillOf } from '../../services/still-image.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { MediaRow } from '../../storage/d1/media.ts';
import { endpoint } from '../endpoint.ts';
import { essence } from './content-disposition.ts';
import { localMediaId, timeoutMs } from './request-fields.ts';
import { mediaHeaders, serveMedia } from './serve-media.ts';

const side = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'not a number of pixels'));

/** The types that a thumbnail may have; of these an image can be its own. */
const thumbnailTypes = new Set(['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'image/webp']);

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid
 * @note Images are answered in their own size, since "the actual thumbnail may be larger than the size
 * specified", and nothing is decoded. Only who asks for animations gets them: of a GIF others get the first
 * picture, of other moving images nothing.
 */
export const getContentThumbnailAuthed = endpoint({
  operationId: 'getContentThumbnailAuthed',
  method: 'GET',
  paths: ['/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({
    width: side,
    height: side,
    method: v.optional(v.picklist(['crop', 'scale'])),
    animated: v.optional(v.picklist(['true', 'false'])),
    timeout_ms: timeoutMs,
  }),
  async handler({ request, params, query, env, config }) {
    const stores = mediaStores(env, config);
    const found = await findMedia(stores, localMediaId(params, config), query.timeout_ms);
    if (!thumbnailTypes.has(essence(found.contentType))) throw noThumbnail();
    if (query.animated === 'true') return serveMedia(request, stores.blobs, found);
    const still = await findStill(stores.blobs, found);
    switch (still.kind) {
      case 'as_is':
        return serveMedia(request, stores.blobs, found);
      case 'still':
        return new Response(still.bytes, { headers: mediaHeaders('image/gif', found.fileName) });
      case 'impossible':
        throw noThumbnail();
      default:
        return still satisfies never;
    }
  },
});

async function findStill(blobs: BlobStore, { contentHash, sizeBytes }: MediaRow): Promise<Still> {
  for (const headBytes of stillHeadSizes) {
    const length = Math.min(headBytes, sizeBytes);
    const body = length > 0 ? await blobs.get(contentHash, { offset: 0, length }) : undefined;
    if (!body) throw noThumbnail();
    const still = stillOf(new Uint8Array(await new Response(body).arrayBuffer()));
    if (still.kind !== 'impossible' || length === sizeBytes) return still;
  }
  return { kind: 'impossible' };
}

function noThumbnail(): MatrixError {
  return new MatrixError(400, 'M_UNKNOWN', 'Cannot generate thumbnails for the requested content');
}
