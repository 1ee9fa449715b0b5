import { openD1 } from '../../../../../platform/d1.ts';
import { liftQuarantine } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaKey } from './media-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#remove-media-from-quarantine-by-id */
export const adminUnquarantineMedia = endpoint({
  operationId: 'adminUnquarantineMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/media/unquarantine/{serverName}/{mediaId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    await liftQuarantine(openD1(env.DB, config.meter), mediaKey(params.serverName, params.mediaId, config));
    return {};
  },
});
