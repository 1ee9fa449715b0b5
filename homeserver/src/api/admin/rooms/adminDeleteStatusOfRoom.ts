import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { listTasks } from '../../../storage/d1/admin-tasks.ts';
import { roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { deleteStatus } from './delete-status.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#query-by-room_id */
export const adminDeleteStatusOfRoom = endpoint({
  operationId: 'adminDeleteStatusOfRoom',
  method: 'GET',
  paths: ['/_synapse/admin/v2/rooms/{roomId}/delete_status'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const filter = { action: 'delete_room', resourceId: roomIdParam(params.roomId) };
    const tasks = await listTasks(openD1(env.DB, config.meter), filter, 100);
    if (tasks.length === 0) throw notFound('The room was never deleted');
    return { results: tasks.map((task) => ({ delete_id: task.taskId, ...deleteStatus(task) })) };
  },
});
