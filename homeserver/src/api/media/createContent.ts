import { createPending, mediaStores } from '../../services/media.ts';
import { endpoint } from '../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav1create */
export const createContent = endpoint({
  operationId: 'createContent',
  method: 'POST',
  paths: ['/_matrix/media/v1/create', '/_matrix/media/unstable/fi.mau.msc2246/create'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ env, config }, { userId: uploader, appservice }) {
    const quotaBytes = appservice ? Number.POSITIVE_INFINITY : config.mediaQuotaBytes;
    const stores = mediaStores(env, config);
    const { mediaId, expiresMs } = await createPending(stores, { uploader, quotaBytes }, Date.now());
    return { content_uri: `mxc://${config.serverName}/${mediaId}`, unused_expires_at: expiresMs };
  },
});
