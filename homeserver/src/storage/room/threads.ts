import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `threads`: kept by `relations.ts`, since a thread is what relates to its root. */
export interface Thread {
  rootId: EventId;
  /** Position of the latest reply. */
  latest: number;
}

/** Those whose latest reply is before a position, the one with the latest first. */
export function latestThreads(sqlite: Sqlite, before: number, limit: number): Thread[] {
  return sqlite
    .all<{ root_id: string; latest: number }>(
      'SELECT root_id, latest FROM threads WHERE latest < ? ORDER BY latest DESC LIMIT ?',
      before,
      limit,
    )
    .map((row) => ({ rootId: row.root_id as EventId, latest: row.latest }));
}
