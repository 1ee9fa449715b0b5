import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { taskOutcome } from '../../../services/admin/run-task.ts';
import { listTasks } from '../../../storage/d1/admin-tasks.ts';
import { integerField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { searchField } from '../admin-fields.ts';

/** The list has no pages. */
const maxTasks = 1000;

/** What administrators have set off. https://element-hq.github.io/synapse/latest/admin_api/scheduled_tasks.html */
export const adminScheduledTasks = endpoint({
  operationId: 'adminScheduledTasks',
  method: 'GET',
  paths: ['/_synapse/admin/v1/scheduled_tasks'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    action_name: searchField,
    resource_id: searchField,
    job_status: v.optional(v.picklist(['scheduled', 'active', 'complete', 'failed'])),
    status: v.optional(v.picklist(['scheduled', 'active', 'complete', 'failed'])),
    max_timestamp: v.optional(integerField(0, Number.MAX_SAFE_INTEGER)),
  }),
  async handler({ query, env, config }) {
    const status = query.job_status ?? query.status;
    // Nothing waits here: what is set off begins at once.
    if (status === 'scheduled') return { scheduled_tasks: [] };
    const filter = {
      action: query.action_name,
      resourceId: query.resource_id,
      status,
      beforeMs: query.max_timestamp,
    };
    const tasks = await listTasks(openD1(env.DB, config.meter), filter, maxTasks);
    return {
      scheduled_tasks: tasks.map((task) => ({
        id: task.taskId,
        action: task.action,
        resource_id: task.resourceId,
        timestamp_ms: task.startedMs,
        ...taskOutcome(task, Date.now()),
      })),
    };
  },
});
