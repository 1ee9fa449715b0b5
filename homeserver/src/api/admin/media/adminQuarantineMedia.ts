import { openD1 } from '../../../../../platform/d1.ts';
import { quarantine } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaKey } from './media-fields.ts';

/** The file is found no more, under whatever id. https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#quarantining-media-by-id */
export const adminQuarantineMedia = endpoint({
  operationId: 'adminQuarantineMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/media/quarantine/{serverName}/{mediaId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }, { userId }) {
    await quarantine(
      openD1(env.DB, config.meter),
      [mediaKey(params.serverName, params.mediaId, config)],
      userId,
    );
    return {};
  },
});
