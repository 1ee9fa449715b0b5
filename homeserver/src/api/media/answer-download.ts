import * as v from 'valibot';
import { mediaStores } from '../../services/media.ts';
import type { Call } from '../endpoint.ts';
import { findRequested } from './find-requested.ts';
import { timeoutMs } from './request-fields.ts';
import { serveMedia } from './serve-media.ts';

/** The download of a file, which is the same under all addresses it has had. */
export const downloadQuery = v.object({ timeout_ms: timeoutMs });

/** @throws `M_NOT_FOUND`, `M_NOT_YET_UPLOADED` */
export async function answerDownload({
  request,
  params,
  query,
  env,
  config,
  waitUntil,
}: Call<undefined, v.InferOutput<typeof downloadQuery>>): Promise<Response> {
  const stores = mediaStores(env, config);
  const found = await findRequested({ params, env, config, waitUntil }, stores, query.timeout_ms);
  return serveMedia(request, stores.blobs, found, params.fileName);
}
