import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { listUserReports } from '../../../storage/d1/report-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { nextToken, pageFields, searchField } from '../admin-fields.ts';
import { userReport } from './report-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_reports.html */
export const adminListUserReports = endpoint({
  operationId: 'adminListUserReports',
  method: 'GET',
  paths: ['/_synapse/admin/v1/user_reports'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ...pageFields,
    dir: v.optional(pageFields.dir.wrapped, 'b'),
    user_id: searchField,
    target_user_id: searchField,
  }),
  async handler({ query, env, config }) {
    const filter = { reporter: query.user_id, userId: query.target_user_id };
    const { entries, total } = await listUserReports(openD1(env.DB, config.meter), filter, query);
    return { user_reports: entries.map(userReport), total, ...nextToken(query.from, entries, total) };
  },
});
