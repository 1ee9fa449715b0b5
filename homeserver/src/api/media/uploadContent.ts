import * as v from 'valibot';
import { mediaStores, storeUpload } from '../../services/media.ts';
import { endpoint } from '../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload */
export const uploadContent = endpoint({
  operationId: 'uploadContent',
  method: 'POST',
  paths: ['/_matrix/media/v3/upload', '/_matrix/media/r0/upload'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ filename: v.optional(v.string()) }),
  async handler({ request, query, env, config }, { userId, appservice }) {
    const upload = {
      uploader: userId,
      body: request.body,
      contentType: request.headers.get('content-type'),
      fileName: query.filename,
      quotaBytes: appservice ? Number.POSITIVE_INFINITY : config.mediaQuotaBytes,
    };
    const mediaId = await storeUpload(mediaStores(env, config), upload, Date.now());
    return { content_uri: `mxc://${config.serverName}/${mediaId}` };
  },
});
