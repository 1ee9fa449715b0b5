import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { mediaInProfiles, oldMedia } from '../../../storage/d1/media-admin.ts';
import { booleanField, integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { deleteThese } from './media-fields.ts';

/** What one request deletes at most; more is asked for again. */
const maxDeleted = 500;

/**
 * By the time of upload, since it is not known here when a file was last read. From before 1990 would be a mistake of
 * seconds for milliseconds. https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#delete-local-media-by-date-or-size
 */
export const adminDeleteOldMedia = endpoint({
  operationId: 'adminDeleteOldMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/media/delete', '/_synapse/admin/v1/media/{serverName}/delete'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    before_ts: integerField(631_152_000_000, Number.MAX_SAFE_INTEGER),
    size_gt: v.optional(integerField(0, Number.MAX_SAFE_INTEGER), '0'),
    keep_profiles: v.optional(booleanField, 'true'),
  }),
  async handler(call) {
    const { query, env, config } = call;
    const db = openD1(env.DB, config.meter);
    const wanted: string[] = [];
    // What is kept is passed over, so that it does not stand before the rest for ever.
    for (let from = 0; wanted.length === 0; from += maxDeleted) {
      const old = await oldMedia(db, 'ours', query.before_ts, query.size_gt, { from, limit: maxDeleted });
      if (old.length === 0) break;
      const kept = query.keep_profiles
        ? await mediaInProfiles(db, `mxc://${config.serverName}/`, old)
        : new Set<string>();
      wanted.push(...old.filter((mediaId) => !kept.has(mediaId)));
    }
    return deleteThese(call, wanted);
  },
});
