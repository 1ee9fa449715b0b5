import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Range } from './events.ts';

/** Nothing is indexed by time: the timeline, which is nearly in the order of time, is searched by halves. */
export interface DatedEvent {
  position: number;
  eventId: EventId;
  originServerTs: number;
}

type Row = { position: number; event_id: string; origin_server_ts: number };

/**
 * The first position of the timeline whose event is not before this time, if events are in the order of time.
 * @returns `newest + 1` if all are before it
 */
export function positionAtTime(sqlite: Sqlite, timeMs: number, newest: number): number {
  let [low, high] = [1, newest + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = sqlite.get<Row>(
      'SELECT position, origin_server_ts FROM events WHERE position >= ? ORDER BY position LIMIT 1',
      middle,
    );
    if (row && row.origin_server_ts < timeMs) low = row.position + 1;
    else high = middle;
  }
  return low;
}

/** Of the events in the range, those not before (`f`) or not after the time (`b`), the closest ones first. */
export function closestInTime(
  sqlite: Sqlite,
  { after, upTo }: Range,
  timeMs: number,
  dir: 'f' | 'b',
  limit: number,
): DatedEvent[] {
  const condition =
    dir === 'f'
      ? 'origin_server_ts >= ? ORDER BY origin_server_ts, position'
      : 'origin_server_ts <= ? ORDER BY origin_server_ts DESC, position DESC';
  return sqlite
    .all<Row>(
      `SELECT position, event_id, origin_server_ts FROM events
       WHERE position > ? AND position <= ? AND ${condition} LIMIT ?`,
      after,
      upTo,
      timeMs,
      limit,
    )
    .map(dated);
}

/** The first (`f`) or last (`b`) events of the range, the outermost first. */
export function outermost(
  sqlite: Sqlite,
  { after, upTo }: Range,
  dir: 'f' | 'b',
  limit: number,
): DatedEvent[] {
  return sqlite
    .all<Row>(
      `SELECT position, event_id, origin_server_ts FROM events
       WHERE position > ? AND position <= ? ORDER BY position ${dir === 'f' ? 'ASC' : 'DESC'} LIMIT ?`,
      after,
      upTo,
      limit,
    )
    .map(dated);
}

function dated(row: Row): DatedEvent {
  return {
    position: row.position,
    eventId: row.event_id as EventId,
    originServerTs: row.origin_server_ts,
  };
}
