import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { oldMedia } from '../../../storage/d1/media-admin.ts';
import { integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { deleteThese } from './media-fields.ts';

/** What one request deletes at most; more is asked for again. */
const maxDeleted = 500;

/**
 * Media of other servers that were fetched before a time. They are fetched again when somebody asks for them.
 * https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#purge-remote-media-api
 */
export const adminPurgeMediaCache = endpoint({
  operationId: 'adminPurgeMediaCache',
  method: 'POST',
  paths: ['/_synapse/admin/v1/purge_media_cache'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ before_ts: integerField(631_152_000_000, Number.MAX_SAFE_INTEGER) }),
  async handler(call) {
    const db = openD1(call.env.DB, call.config.meter);
    const old = await oldMedia(db, 'others', call.query.before_ts, -1, { from: 0, limit: maxDeleted });
    const deleted = await deleteThese(call, old);
    return { ...deleted, deleted: deleted.total };
  },
});
