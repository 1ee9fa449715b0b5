import type { Membership } from '../../../../matrix/events.ts';
import type { EventId, ServerName } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** What is known of a room that was joined without its members. */
export interface PartialState {
  /** The state before this event is the one that is to be had. */
  joinId: EventId;
  /** It is in force since this position, before the join. */
  since: number;
  /** That are in the room, as was told with the join; the first let us in. */
  servers: ServerName[];
  /** Made to fetch it. */
  attempts: number;
  /** The state is here; the users have still to be told. */
  isComplete: boolean;
}

export function readPartialState(sqlite: Sqlite): PartialState | undefined {
  const row = sqlite.get<{
    join_id: string;
    since: number;
    servers: string;
    attempts: number;
    is_complete: number | null;
  }>('SELECT join_id, since, servers, attempts, is_complete FROM partial_state');
  return (
    row && {
      joinId: row.join_id as EventId,
      since: row.since,
      servers: JSON.parse(row.servers) as ServerName[],
      attempts: row.attempts,
      isComplete: row.is_complete !== null,
    }
  );
}

/** A later join takes the place of an earlier one: what comes with it is newer. */
export function putPartialState(
  sqlite: Sqlite,
  { joinId, since, servers }: Pick<PartialState, 'joinId' | 'since' | 'servers'>,
): void {
  sqlite.run(
    'INSERT OR REPLACE INTO partial_state (id, join_id, since, servers, attempts) VALUES (1, ?, ?, ?, 0)',
    joinId,
    since,
    JSON.stringify(servers),
  );
}

export function noteAttempt(sqlite: Sqlite): void {
  sqlite.run('UPDATE partial_state SET attempts = attempts + 1');
}

export function endPartialState(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM partial_state');
}

/** A member who was taken to be in the room since then, because an event of theirs says so. */
export function putGuess(sqlite: Sqlite, userId: string, since: number): void {
  sqlite.run('INSERT OR REPLACE INTO guessed_members (user_id, since) VALUES (?, ?)', userId, since);
}

/** One key of the state that is being fetched; the first that comes counts. */
export function putFetched(
  sqlite: Sqlite,
  key: { type: string; stateKey: string },
  position: number,
  member?: { membership: Membership; isLocal: boolean },
): void {
  sqlite.run(
    'INSERT OR IGNORE INTO fetched_state (type, state_key, position, membership, local) VALUES (?, ?, ?, ?, ?)',
    key.type,
    key.stateKey,
    position,
    member?.membership ?? null,
    member?.isLocal ? 1 : null,
  );
}

export function hasFetched(sqlite: Sqlite, type: string, stateKey: string): boolean {
  return (
    sqlite.get('SELECT 1 FROM fetched_state WHERE type = ? AND state_key = ?', type, stateKey) !== undefined
  );
}

/** For another attempt. */
export function dropFetched(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM fetched_state');
  sqlite.run('DELETE FROM import_waiting');
}

/**
 * Puts what was fetched under the state since then: every key that is lacking, and members whom an event of their own
 * said to be there. What was told with the join, and judged it, stays; so does what happened since.
 * @param place of the join, if it has one of its own
 */
export function applyFetched(
  sqlite: Sqlite,
  since: number,
  place: { line: number; step: number } | undefined,
): void {
  const later = (compare: string) =>
    `EXISTS (SELECT 1 FROM state_history h
       WHERE h.type = fetched_state.type AND h.state_key = fetched_state.state_key AND h.since ${compare} ?)`;
  sqlite.run(
    `DELETE FROM state_history WHERE type = 'm.room.member'
       AND (state_key, since) IN (SELECT user_id, since FROM guessed_members)`,
  );
  sqlite.run(
    `DELETE FROM current_state WHERE type = 'm.room.member'
       AND (state_key, since) IN (SELECT user_id, since FROM guessed_members)`,
  );
  sqlite.run('DELETE FROM guessed_members');
  // Of users of this server nobody knows better, and other state was told whole.
  sqlite.run(
    `DELETE FROM fetched_state WHERE (membership IS NULL OR local IS NOT NULL) AND ${later('<=')}`,
    since,
  );
  sqlite.run(`DELETE FROM fetched_state WHERE ${later('=')}`, since);
  if (place) {
    sqlite.run(
      `INSERT OR IGNORE INTO line_state (line, type, state_key, at, position)
       SELECT ?, type, state_key, ?, position FROM fetched_state`,
      place.line,
      2 * place.step,
    );
  }
  sqlite.run(
    `INSERT INTO state_history (type, state_key, since, position, membership, local)
     SELECT type, state_key, ?, position, membership, local FROM fetched_state`,
    since,
  );
  sqlite.run(`DELETE FROM fetched_state WHERE ${later('>')}`, since);
  sqlite.run(
    `INSERT OR REPLACE INTO current_state (type, state_key, position, since, membership)
     SELECT type, state_key, position, ?, membership FROM fetched_state`,
    since,
  );
  sqlite.run(
    `INSERT OR REPLACE INTO pending_members (user_id, position)
     SELECT state_key, ? FROM fetched_state
     WHERE local IS NOT NULL AND membership IN ('join', 'invite', 'knock')`,
    since,
  );
  sqlite.run('DELETE FROM fetched_state');
  sqlite.run('UPDATE partial_state SET is_complete = 1');
}
