import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { mediaStatistics, mediaStatisticsOrders } from '../../../storage/d1/media-admin.ts';
import { integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { nextToken, pageFields, searchField } from '../admin-fields.ts';

const time = v.optional(integerField(0, Number.MAX_SAFE_INTEGER));

/** https://element-hq.github.io/synapse/latest/admin_api/statistics.html#users-media-usage-statistics */
export const adminMediaStatistics = endpoint({
  operationId: 'adminMediaStatistics',
  method: 'GET',
  paths: ['/_synapse/admin/v1/statistics/users/media'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ...pageFields,
    order_by: v.optional(v.picklist(mediaStatisticsOrders), 'user_id'),
    from_ts: time,
    until_ts: time,
    search_term: searchField,
  }),
  async handler({ query, env, config }) {
    const { from, limit, dir } = query;
    const { users, total } = await mediaStatistics(
      openD1(env.DB, config.meter),
      { fromMs: query.from_ts, untilMs: query.until_ts, searchTerm: query.search_term },
      { orderBy: query.order_by, dir, from, limit },
    );
    const entries = users.map(({ userId, displayName, files, bytes }) => ({
      user_id: userId,
      displayname: displayName,
      media_count: files,
      media_length: bytes,
    }));
    return { users: entries, total, ...nextToken(from, users, total) };
  },
});
