import type { JsonObject } from '../../../../../matrix/json.ts';
import { taskOutcome } from '../../../services/admin/run-task.ts';
import type { AdminTask } from '../../../storage/d1/admin-tasks.ts';

/** What became of a deletion. */
export function deleteStatus(task: AdminTask): JsonObject {
  const { status, result, error } = taskOutcome(task, Date.now());
  return { status, shutdown_room: result, ...(error !== undefined && { error }) };
}
