import * as v from 'valibot';
import { invalidParam, unknown, unrecognized } from '../../../../matrix/errors.ts';
import { findPreview } from '../../services/kept-previews.ts';
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
    const preview = await findPreview(env, config, {
      address: addressOf(query.url),
      language: request.headers.get('accept-language'),
      userId,
      beforeFetch: () => checkPreviews(userId, config),
      waitUntil,
    });
    // Why is not told: it would tell what can be reached from here.
    if (!preview) throw unknown('No preview could be made of this address', 502);
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
