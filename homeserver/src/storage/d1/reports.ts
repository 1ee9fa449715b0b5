import { and, count, desc, eq, gt, lt } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { reports } from './schema.ts';

/** What users report to the owner: a room, an event in it, or a user. */
export type Report = typeof reports.$inferSelect;

export type NewReport = Pick<Report, 'reporter' | 'reason'> &
  Partial<Pick<Report, 'roomId' | 'eventId' | 'userId'>>;

export async function insertReport(db: DrizzleD1Database, report: NewReport, nowMs: number): Promise<void> {
  await db.insert(reports).values({ ...report, receivedMs: nowMs });
}

export async function countReportsSince(
  db: DrizzleD1Database,
  reporter: string,
  sinceMs: number,
): Promise<number> {
  const [row] = await db
    .select({ reports: count() })
    .from(reports)
    .where(and(eq(reports.reporter, reporter), gt(reports.receivedMs, sinceMs)));
  return row?.reports ?? 0;
}

/** Newest first. @param before id of the last report of the page before */
export async function readReports(
  db: DrizzleD1Database,
  before: number | undefined,
  limit: number,
): Promise<Report[]> {
  return db
    .select()
    .from(reports)
    .where(before === undefined ? undefined : lt(reports.id, before))
    .orderBy(desc(reports.id))
    .limit(limit);
}
