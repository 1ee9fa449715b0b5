import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { EventReport } from '../../../storage/d1/report-lists.ts';
import type { Report } from '../../../storage/d1/reports.ts';

/** Clients tell no score any more. */
export function eventReport(report: EventReport): JsonObject {
  return {
    id: report.id,
    received_ts: report.receivedMs,
    room_id: report.roomId,
    event_id: report.eventId,
    user_id: report.reporter,
    reason: report.reason,
    score: null,
    sender: report.userId,
    canonical_alias: report.canonicalAlias,
    name: report.roomName,
  };
}

export function userReport(report: Report): JsonObject {
  return {
    id: report.id,
    received_ts: report.receivedMs,
    target_user_id: report.userId,
    user_id: report.reporter,
    reason: report.reason,
  };
}

/** @throws `M_INVALID_PARAM` */
export function reportIdParam(text: string | undefined): number {
  if (!/^[0-9]{1,15}$/.test(text ?? '')) throw invalidParam('Not the id of a report');
  return Number(text);
}

export const reportNotFound = () => notFound('No such report');
