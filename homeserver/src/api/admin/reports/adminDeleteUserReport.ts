import { openD1 } from '../../../../../platform/d1.ts';
import { deleteReport } from '../../../storage/d1/report-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { reportIdParam, reportNotFound } from './report-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_reports.html */
export const adminDeleteUserReport = endpoint({
  operationId: 'adminDeleteUserReport',
  method: 'DELETE',
  paths: ['/_synapse/admin/v1/user_reports/{reportId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const id = reportIdParam(params.reportId);
    if (!(await deleteReport(openD1(env.DB, config.meter), 'user', id))) throw reportNotFound();
    return {};
  },
});
