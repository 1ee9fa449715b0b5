import * as v from 'valibot';
import { mediaStores, storePendingUpload } from '../../services/media.ts';
import { endpoint } from '../endpoint.ts';
import { localMediaId } from './request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixmediav3uploadservernamemediaid */
export const uploadContentToMXC = endpoint({
  operationId: 'uploadContentToMXC',
  method: 'PUT',
  paths: [
    '/_matrix/media/v3/upload/{serverName}/{mediaId}',
    '/_matrix/media/unstable/fi.mau.msc2246/upload/{serverName}/{mediaId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ filename: v.optional(v.string()) }),
  async handler({ request, params, query, env, config }, { userId, appservice }) {
    const upload = {
      uploader: userId,
      body: request.body,
      contentType: request.headers.get('content-type'),
      fileName: query.filename,
      quotaBytes: appservice ? Number.POSITIVE_INFINITY : config.mediaQuotaBytes,
    };
    const mediaId = localMediaId(params, config);
    await storePendingUpload(mediaStores(env, config), mediaId, upload, Date.now());
    return {};
  },
});
