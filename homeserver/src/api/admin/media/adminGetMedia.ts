import { openD1 } from '../../../../../platform/d1.ts';
import { readMedia } from '../../../storage/d1/media.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaDetails, mediaKey, mediaNotFound } from './media-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#query-a-piece-of-media-by-id */
export const adminGetMedia = endpoint({
  operationId: 'adminGetMedia',
  method: 'GET',
  paths: ['/_synapse/admin/v1/media/{serverName}/{mediaId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const row = await readMedia(
      openD1(env.DB, config.meter),
      mediaKey(params.serverName, params.mediaId, config),
    );
    if (!row) throw mediaNotFound();
    const details = {
      ...mediaDetails(row),
      media_origin: row.uploader.startsWith('@') ? null : row.uploader,
      user_id: row.uploader.startsWith('@') ? row.uploader : null,
      url_cache: null,
      authenticated: true,
      sha256: Buffer.from(row.contentHash, 'base64url').toString('hex'),
    };
    return { media_info: details };
  },
});
