import * as v from 'valibot';
import { findMedia, mediaStores } from '../../services/media.ts';
import { endpoint } from '../endpoint.ts';
import { localMediaId, timeoutMs } from './request-fields.ts';
import { serveMedia } from './serve-media.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaidfilename */
export const getContentOverrideNameAuthed = endpoint({
  operationId: 'getContentOverrideNameAuthed',
  method: 'GET',
  paths: ['/_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ timeout_ms: timeoutMs }),
  async handler({ request, params, query, env, config }) {
    const stores = mediaStores(env, config);
    const found = await findMedia(stores, localMediaId(params, config), query.timeout_ms);
    return serveMedia(request, stores.blobs, found, params.fileName);
  },
});
