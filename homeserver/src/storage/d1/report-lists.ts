import { and, asc, count, desc, eq, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Report } from './reports.ts';
import { reports, roomIndex } from './schema.ts';

/** What administrators ask of reports: those of events, and those of users. */

export interface ReportPage {
  dir: 'f' | 'b';
  from: number;
  limit: number;
}

export interface EventReportFilter {
  reporter?: string | undefined;
  roomId?: string | undefined;
  /** Of the event. */
  sender?: string | undefined;
}

export interface EventReport extends Report {
  roomName: string | null;
  canonicalAlias: string | null;
}

const ofEvents = isNotNull(reports.eventId);
const ofUsers = isNull(reports.roomId);

export async function listEventReports(
  db: DrizzleD1Database,
  { reporter, roomId, sender }: EventReportFilter,
  page: ReportPage,
): Promise<{ entries: EventReport[]; total: number }> {
  const matching = and(
    ofEvents,
    reporter === undefined ? undefined : eq(reports.reporter, reporter),
    roomId === undefined ? undefined : eq(reports.roomId, roomId),
    sender === undefined ? undefined : eq(reports.userId, sender),
  );
  const [rows, total] = await Promise.all([eventReports(db, matching, page), countReports(db, matching)]);
  return { entries: rows, total };
}

export async function readEventReport(db: DrizzleD1Database, id: number): Promise<EventReport | undefined> {
  const [row] = await eventReports(db, and(ofEvents, eq(reports.id, id)), { dir: 'f', from: 0, limit: 1 });
  return row;
}

export async function listUserReports(
  db: DrizzleD1Database,
  { reporter, userId }: { reporter?: string | undefined; userId?: string | undefined },
  { dir, from, limit }: ReportPage,
): Promise<{ entries: Report[]; total: number }> {
  const matching = and(
    ofUsers,
    reporter === undefined ? undefined : eq(reports.reporter, reporter),
    userId === undefined ? undefined : eq(reports.userId, userId),
  );
  const rows = db.select().from(reports).where(matching).orderBy(inOrder(dir)).limit(limit).offset(from);
  const [entries, total] = await Promise.all([rows, countReports(db, matching)]);
  return { entries, total };
}

export async function readUserReport(db: DrizzleD1Database, id: number): Promise<Report | undefined> {
  return db
    .select()
    .from(reports)
    .where(and(ofUsers, eq(reports.id, id)))
    .get();
}

/** @returns whether there was one */
export async function deleteReport(
  db: DrizzleD1Database,
  of: 'event' | 'user',
  id: number,
): Promise<boolean> {
  const deleted = await db
    .delete(reports)
    .where(and(of === 'event' ? ofEvents : ofUsers, eq(reports.id, id)));
  return deleted.meta.changes > 0;
}

async function eventReports(
  db: DrizzleD1Database,
  matching: SQL | undefined,
  { dir, from, limit }: ReportPage,
): Promise<EventReport[]> {
  const rows = await db
    .select({ report: reports, roomName: roomIndex.name, canonicalAlias: roomIndex.canonicalAlias })
    .from(reports)
    .leftJoin(roomIndex, eq(roomIndex.roomId, reports.roomId))
    .where(matching)
    .orderBy(inOrder(dir))
    .limit(limit)
    .offset(from);
  return rows.map(({ report, ...room }) => ({ ...report, ...room }));
}

/** Ids grow with time, so that this is the order of receipt. */
function inOrder(dir: 'f' | 'b'): SQL {
  return dir === 'f' ? asc(reports.id) : desc(reports.id);
}

async function countReports(db: DrizzleD1Database, matching: SQL | undefined): Promise<number> {
  const row = await db.select({ total: count() }).from(reports).where(matching).get();
  return row?.total ?? 0;
}
