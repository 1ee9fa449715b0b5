import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import type { LinePlace } from './events.ts';

/** Table `purged_events`: messages that were here once, so that they keep their place and do not come again. */
export interface PurgedEvent {
  eventId: EventId;
  position: number;
  place: LinePlace | undefined;
}

type PurgedRow = { event_id: string; position: number; line: number | null; step: number | null };

const fromPurgedRow = (row: PurgedRow): PurgedEvent => ({
  eventId: row.event_id as EventId,
  position: row.position,
  place: row.line === null ? undefined : { line: row.line, step: row.step ?? 0 },
});

export function findPurged(sqlite: Sqlite, eventId: string): PurgedEvent | undefined {
  const row = sqlite.get<PurgedRow>(
    'SELECT event_id, position, line, step FROM purged_events WHERE event_id = ?',
    eventId,
  );
  return row && fromPurgedRow(row);
}

/** A message of the timeline that may be purged. */
export interface KeptMessage extends PurgedEvent {
  originServerTs: number;
  /** Epoch ms. */
  cameMs: number;
  pdu: Pdu;
  isRedacted: boolean;
}

type KeptRow = PurgedRow & {
  origin_server_ts: number;
  came_ms: number;
  pdu: string;
  redacted_by: string | null;
};

/** Messages, not state, with `after < position < before`, oldest first. */
export function keptMessages(sqlite: Sqlite, after: number, before: number, limit: number): KeptMessage[] {
  return sqlite
    .all<KeptRow>(
      `SELECT event_id, position, line, step, origin_server_ts, came_ms, pdu, redacted_by FROM events
       WHERE position > ? AND position < ? AND state_key IS NULL ORDER BY position LIMIT ?`,
      after,
      before,
      limit,
    )
    .map((row) => ({
      ...fromPurgedRow(row),
      originServerTs: row.origin_server_ts,
      cameMs: row.came_ms,
      pdu: JSON.parse(row.pdu) as Pdu,
      isRedacted: row.redacted_by !== null,
    }));
}

/** Only its id and its place remain. */
export function purgeEvent(sqlite: Sqlite, { eventId, position, place }: PurgedEvent): void {
  sqlite.run(
    'INSERT INTO purged_events (event_id, position, line, step) VALUES (?, ?, ?, ?)',
    eventId,
    position,
    place?.line ?? null,
    place?.step ?? null,
  );
  sqlite.run('DELETE FROM events WHERE position = ?', position);
}

/** Up to here retention has nothing left to purge. */
export function readPurgedUpTo(sqlite: Sqlite): number {
  return sqlite.get<{ purged_up_to: number | null }>('SELECT purged_up_to FROM room')?.purged_up_to ?? 0;
}

export function writePurgedUpTo(sqlite: Sqlite, position: number): void {
  sqlite.run('UPDATE room SET purged_up_to = ?1 WHERE purged_up_to IS NOT ?1', position);
}
