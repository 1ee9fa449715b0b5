import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { taskOutcome } from '../../../services/admin/run-task.ts';
import { readTask } from '../../../storage/d1/admin-tasks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#check-the-status-of-a-redaction-process */
export const adminRedactStatus = endpoint({
  operationId: 'adminRedactStatus',
  method: 'GET',
  paths: ['/_synapse/admin/v1/user/redact_status/{redactId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const task = await readTask(openD1(env.DB, config.meter), 'redact_user', params.redactId ?? '');
    if (!task) throw notFound('No such task');
    const { status, result, error } = taskOutcome(task, Date.now());
    return { status, failed_redactions: result, ...(error !== undefined && { error }) };
  },
});
