import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { limitExceeded } from '../../../matrix/errors.ts';
import { countReportsSince, insertReport, type NewReport } from '../storage/d1/reports.ts';

/** Reports of one user in a window, since they are stored without end. */
export const maxReports = 50;
const windowMs = 3_600_000;

/** Stores what a user reports for the owner to read. @throws `M_LIMIT_EXCEEDED` */
export async function report(db: DrizzleD1Database, input: NewReport, nowMs: number): Promise<void> {
  if ((await countReportsSince(db, input.reporter, nowMs - windowMs)) >= maxReports) {
    throw limitExceeded(windowMs);
  }
  await insertReport(db, input, nowMs);
}
