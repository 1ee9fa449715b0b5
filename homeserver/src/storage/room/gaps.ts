import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** A hole in the timeline, before the event at `position`. */
export interface Gap {
  position: number;
  /** Events that it names as previous, and that are not there. */
  missing: EventId[];
}

type GapRow = { position: number; missing: string };

const fromGapRow = (row: GapRow): Gap => ({
  position: row.position,
  missing: JSON.parse(row.missing) as EventId[],
});

/** Without missing events there is no gap any more. */
export function putGap(sqlite: Sqlite, { position, missing }: Gap): void {
  if (missing.length === 0) {
    sqlite.run('DELETE FROM gaps WHERE position = ?', position);
    return;
  }
  sqlite.run(
    'INSERT INTO gaps (position, missing) VALUES (?, ?) ON CONFLICT (position) DO UPDATE SET missing = excluded.missing',
    position,
    JSON.stringify(missing),
  );
}

/** The gaps with `after < position <= upTo`, newest first. */
export function gapsBetween(sqlite: Sqlite, after: number, upTo: number, limit: number): Gap[] {
  return sqlite
    .all<GapRow>(
      'SELECT position, missing FROM gaps WHERE position > ? AND position <= ? ORDER BY position DESC LIMIT ?',
      after,
      upTo,
      limit,
    )
    .map(fromGapRow);
}

export function gapAt(sqlite: Sqlite, position: number): Gap | undefined {
  const row = sqlite.get<GapRow>('SELECT position, missing FROM gaps WHERE position = ?', position);
  return row && fromGapRow(row);
}

/** The gaps before events that name this one as previous. */
export function gapsMissing(sqlite: Sqlite, eventId: EventId): Gap[] {
  return sqlite
    .all<GapRow>(
      `SELECT position, missing FROM gaps WHERE EXISTS (SELECT 1 FROM json_each(missing) WHERE value = ?)`,
      eventId,
    )
    .map(fromGapRow);
}
