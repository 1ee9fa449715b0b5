import { openD1 } from '../../../../../platform/d1.ts';
import { protect } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { mediaNotFound } from './media-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#unprotecting-media-from-being-quarantined */
export const adminUnprotectMedia = endpoint({
  operationId: 'adminUnprotectMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/media/unprotect/{mediaId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    if (!(await protect(openD1(env.DB, config.meter), params.mediaId ?? '', false))) throw mediaNotFound();
    return {};
  },
});
