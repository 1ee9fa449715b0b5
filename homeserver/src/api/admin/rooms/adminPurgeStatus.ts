import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { taskOutcome } from '../../../services/admin/run-task.ts';
import { readTask } from '../../../storage/d1/admin-tasks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/purge_history_api.html#purge-status-query */
export const adminPurgeStatus = endpoint({
  operationId: 'adminPurgeStatus',
  method: 'GET',
  paths: ['/_synapse/admin/v1/purge_history_status/{purgeId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const task = await readTask(openD1(env.DB, config.meter), 'purge_history', params.purgeId ?? '');
    if (!task) throw notFound('No such purge');
    const { status, error } = taskOutcome(task, Date.now());
    return { status, ...(error !== undefined && { error }) };
  },
});
