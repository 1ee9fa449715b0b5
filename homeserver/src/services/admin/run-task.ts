import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { JsonObject } from '../../../../matrix/json.ts';
import { errorText } from '../../../../platform/log.ts';
import { randomName } from '../../../../platform/random-name.ts';
import { type AdminTask, endTask, insertTask } from '../../storage/d1/admin-tasks.ts';

export type TaskAction = 'delete_room' | 'purge_history' | 'redact_user';

/** A task that was cut off stays active in the database; none takes this long. */
const longestMs = 15 * 60_000;

/**
 * Does what an administrator has set off, and keeps what became of it. It is done when this returns: consoles that ask
 * for the state of the task by its id find it at its end.
 * @returns the id
 */
export async function runTask(
  db: DrizzleD1Database,
  action: TaskAction,
  resourceId: string,
  work: () => Promise<JsonObject>,
): Promise<string> {
  const taskId = randomName();
  await insertTask(db, { taskId, action, resourceId }, Date.now());
  try {
    const result = await work();
    const outcome = { status: 'complete', result: JSON.stringify(result), error: null } as const;
    await endTask(db, taskId, outcome, Date.now());
  } catch (error) {
    const outcome = { status: 'failed', result: null, error: errorText(error) } as const;
    await endTask(db, taskId, outcome, Date.now());
  }
  return taskId;
}

/** The state of a task as it is told. */
export function taskOutcome(
  { status, result, error, changedMs }: AdminTask,
  nowMs: number,
): { status: AdminTask['status']; result: JsonObject; error: string | undefined } {
  const isCutOff = status === 'active' && changedMs + longestMs < nowMs;
  return {
    status: isCutOff ? 'failed' : status,
    result: result === null ? {} : (JSON.parse(result) as JsonObject),
    error: isCutOff ? 'It was cut off' : (error ?? undefined),
  };
}
