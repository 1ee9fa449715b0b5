import { openD1 } from '../../../../../platform/d1.ts';
import { deleteReport } from '../../../storage/d1/report-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { reportIdParam, reportNotFound } from './report-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/event_reports.html#delete-a-specific-event-report */
export const adminDeleteEventReport = endpoint({
  operationId: 'adminDeleteEventReport',
  method: 'DELETE',
  paths: ['/_synapse/admin/v1/event_reports/{reportId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const id = reportIdParam(params.reportId);
    if (!(await deleteReport(openD1(env.DB, config.meter), 'event', id))) throw reportNotFound();
    return {};
  },
});
