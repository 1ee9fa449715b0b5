import { openD1 } from '../../../../../platform/d1.ts';
import { administrator } from '../../../objects/room-rpc.ts';
import { readEventReport } from '../../../storage/d1/report-lists.ts';
import { eventIdParam, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { eventReport, reportIdParam, reportNotFound } from './report-format.ts';

/** With the event, as long as it is there. https://element-hq.github.io/synapse/latest/admin_api/event_reports.html#show-details-of-a-specific-event-report */
export const adminGetEventReport = endpoint({
  operationId: 'adminGetEventReport',
  method: 'GET',
  paths: ['/_synapse/admin/v1/event_reports/{reportId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config, stubs }) {
    const id = reportIdParam(params.reportId);
    const report = await readEventReport(openD1(env.DB, config.meter), id);
    if (!report?.roomId || !report.eventId) throw reportNotFound();
    const room = stubs.room(roomIdParam(report.roomId));
    const found = await room.readEvent({ userId: administrator }, eventIdParam(report.eventId));
    return { ...eventReport(report), event_json: found.kind === 'event' ? found.event : null };
  },
});
