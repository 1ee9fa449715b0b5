import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { readTask } from '../../../storage/d1/admin-tasks.ts';
import { endpoint } from '../../endpoint.ts';
import { deleteStatus } from './delete-status.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#query-by-delete_id */
export const adminDeleteStatus = endpoint({
  operationId: 'adminDeleteStatus',
  method: 'GET',
  paths: ['/_synapse/admin/v2/rooms/delete_status/{deleteId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const task = await readTask(openD1(env.DB, config.meter), 'delete_room', params.deleteId ?? '');
    if (!task) throw notFound('No such deletion');
    return deleteStatus(task);
  },
});
