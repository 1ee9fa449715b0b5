import * as v from 'valibot';
import { openD1 } from '../../../../platform/d1.ts';
import { readReports } from '../../storage/d1/reports.ts';
import { integerField } from '../client/room-requests.ts';
import { endpoint } from '../endpoint.ts';

const maxPage = 100;

/** What users reported, newest first; `next` goes into `before` for the page after. */
export const listReports = endpoint({
  operationId: 'listReports',
  method: 'GET',
  paths: ['/_roost/admin/v1/reports'],
  auth: 'admin',
  query: v.object({
    before: v.optional(integerField(1, Number.MAX_SAFE_INTEGER)),
    limit: v.optional(integerField(1, maxPage), String(maxPage)),
  }),
  async handler({ query, env, config }) {
    const reports = await readReports(openD1(env.DB, config.meter), query.before, query.limit + 1);
    const page = reports.slice(0, query.limit);
    const last = reports.length > page.length ? page.at(-1) : undefined;
    return {
      reports: page.map(({ id, reporter, roomId, eventId, userId, reason, receivedMs }) => ({
        id,
        reporter,
        room_id: roomId,
        event_id: eventId,
        user_id: userId,
        reason,
        received_ts: receivedMs,
      })),
      ...(last ? { next: last.id } : {}),
    };
  },
});
