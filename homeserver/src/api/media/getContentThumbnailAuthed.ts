import * as v from 'valibot';
import { MatrixError } from '../../../../matrix/errors.ts';
import { findMedia, mediaStores } from '../../services/media.ts';
import { endpoint } from '../endpoint.ts';
import { essence } from './content-disposition.ts';
import { localMediaId, timeoutMs } from './request-fields.ts';
import { serveMedia } from './serve-media.ts';

const side = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'not a number of pixels'));

/** The types that a thumbnail may have; of these an image can be its own. */
const thumbnailTypes = new Set(['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'image/webp']);

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid
 * @note Images are answered whole, since "the actual thumbnail may be larger than the size specified", and
 * nothing is decoded. Only a GIF is refused to those who must not get it animated.
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
    const type = essence(found.contentType);
    if (!thumbnailTypes.has(type) || (type === 'image/gif' && query.animated === 'false')) {
      throw new MatrixError(400, 'M_UNKNOWN', 'Cannot generate thumbnails for the requested content');
    }
    return serveMedia(request, stores.blobs, found);
  },
});
