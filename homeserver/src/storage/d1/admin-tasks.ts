import { and, desc, eq, lt, type SQL } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { adminTasks } from './schema.ts';

export type AdminTask = typeof adminTasks.$inferSelect;

export async function insertTask(
  db: DrizzleD1Database,
  task: Pick<AdminTask, 'taskId' | 'action' | 'resourceId'>,
  nowMs: number,
): Promise<void> {
  await db.insert(adminTasks).values({ ...task, status: 'active', startedMs: nowMs, changedMs: nowMs });
}

export async function endTask(
  db: DrizzleD1Database,
  taskId: string,
  outcome: Pick<AdminTask, 'status' | 'result' | 'error'>,
  nowMs: number,
): Promise<void> {
  await db
    .update(adminTasks)
    .set({ ...outcome, changedMs: nowMs })
    .where(eq(adminTasks.taskId, taskId));
}

export async function readTask(
  db: DrizzleD1Database,
  action: string,
  taskId: string,
): Promise<AdminTask | undefined> {
  return db
    .select()
    .from(adminTasks)
    .where(and(eq(adminTasks.taskId, taskId), eq(adminTasks.action, action)))
    .get();
}

export interface TaskFilter {
  action?: string | undefined;
  resourceId?: string | undefined;
  status?: AdminTask['status'] | undefined;
  /** Started before this (epoch ms). */
  beforeMs?: number | undefined;
}

/** The latest first. */
export async function listTasks(
  db: DrizzleD1Database,
  { action, resourceId, status, beforeMs }: TaskFilter,
  limit: number,
): Promise<AdminTask[]> {
  const matching: SQL | undefined = and(
    action === undefined ? undefined : eq(adminTasks.action, action),
    resourceId === undefined ? undefined : eq(adminTasks.resourceId, resourceId),
    status === undefined ? undefined : eq(adminTasks.status, status),
    beforeMs === undefined ? undefined : lt(adminTasks.startedMs, beforeMs),
  );
  return db.select().from(adminTasks).where(matching).orderBy(desc(adminTasks.startedMs)).limit(limit);
}
