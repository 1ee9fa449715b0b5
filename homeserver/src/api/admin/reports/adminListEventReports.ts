import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { listEventReports } from '../../../storage/d1/report-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { nextToken, pageFields, searchField } from '../admin-fields.ts';
import { eventReport } from './report-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/event_reports.html#show-reported-events */
export const adminListEventReports = endpoint({
  operationId: 'adminListEventReports',
  method: 'GET',
  paths: ['/_synapse/admin/v1/event_reports'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ...pageFields,
    dir: v.optional(pageFields.dir.wrapped, 'b'),
    user_id: searchField,
    room_id: searchField,
    event_sender_user_id: searchField,
  }),
  async handler({ query, env, config }) {
    const filter = {
      reporter: query.user_id,
      roomId: query.room_id,
      sender: query.event_sender_user_id,
    };
    const { entries, total } = await listEventReports(openD1(env.DB, config.meter), filter, query);
    return { event_reports: entries.map(eventReport), total, ...numberedNext(query.from, entries, total) };
  },
});

/** Here alone the token is a number. */
function numberedNext(...parameters: Parameters<typeof nextToken>): { next_token?: number } {
  const { next_token: next } = nextToken(...parameters);
  return next === undefined ? {} : { next_token: Number(next) };
}
