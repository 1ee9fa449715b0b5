import { openD1 } from '../../../../../platform/d1.ts';
import { readUserReport } from '../../../storage/d1/report-lists.ts';
import { endpoint } from '../../endpoint.ts';
import { reportIdParam, reportNotFound, userReport } from './report-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_reports.html */
export const adminGetUserReport = endpoint({
  operationId: 'adminGetUserReport',
  method: 'GET',
  paths: ['/_synapse/admin/v1/user_reports/{reportId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const id = reportIdParam(params.reportId);
    const report = await readUserReport(openD1(env.DB, config.meter), id);
    if (!report) throw reportNotFound();
    return userReport(report);
  },
});
