import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { countMediaOfUser, mediaOfUser, mediaOrders } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, nextToken, pageFields } from '../admin-fields.ts';
import { mediaDetails } from './media-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-media-uploaded-by-a-user */
export const adminListUserMedia = endpoint({
  operationId: 'adminListUserMedia',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/media'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ...pageFields,
    dir: v.optional(pageFields.dir.wrapped),
    order_by: v.optional(v.picklist([...mediaOrders, 'last_access_ts']), 'created_ts'),
  }),
  async handler(call) {
    const { query, env, config } = call;
    const { userId } = await localUser(call);
    const db = openD1(env.DB, config.meter);
    const orderBy = query.order_by === 'last_access_ts' ? 'created_ts' : query.order_by;
    // As Synapse has it: the newest first, unless an order is asked for.
    const dir = query.dir ?? (call.url.searchParams.has('order_by') ? 'f' : 'b');
    const [rows, total] = await Promise.all([
      mediaOfUser(db, userId, { orderBy, dir, from: query.from, limit: query.limit }),
      countMediaOfUser(db, userId),
    ]);
    return { media: rows.map(mediaDetails), total, ...numberedNext(query.from, rows, total) };
  },
});

function numberedNext(...parameters: Parameters<typeof nextToken>): { next_token?: number } {
  const { next_token: next } = nextToken(...parameters);
  return next === undefined ? {} : { next_token: Number(next) };
}
