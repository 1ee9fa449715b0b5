import { serverNameOf, type UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Presence, PresenceState } from '../../protocol/sync/presence.ts';

/** Table `presence`: the user's own, and that of people who share a room. */

/** What somebody has not been told of the own presence; see `presence/tell-presence.ts`. */
export const untold = { nothing: 0, news: 1, greeting: 2 } as const;
export type Untold = (typeof untold)[keyof typeof untold];

export interface PresenceRow extends Presence {
  userId: UserId;
  position: number;
  untold: Untold;
}

type Raw = {
  user_id: string;
  state: string;
  status_msg: string | null;
  last_active_ms: number;
  position: number;
  untold: number;
};

function parse(raw: Raw): PresenceRow {
  return {
    userId: raw.user_id as UserId,
    state: raw.state as PresenceState,
    statusMsg: raw.status_msg ?? undefined,
    lastActiveMs: raw.last_active_ms,
    position: raw.position,
    untold: raw.untold as Untold,
  };
}

export function findPresence(sqlite: Sqlite, userId: string): PresenceRow | undefined {
  const raw = sqlite.get<Raw>('SELECT * FROM presence WHERE user_id = ?', userId);
  return raw && parse(raw);
}

export function putPresence(sqlite: Sqlite, row: PresenceRow): void {
  sqlite.run(
    `INSERT INTO presence (user_id, state, status_msg, last_active_ms, position, untold) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, status_msg = excluded.status_msg,
       last_active_ms = excluded.last_active_ms, position = excluded.position, untold = excluded.untold`,
    row.userId,
    row.state,
    row.statusMsg ?? null,
    row.lastActiveMs,
    row.position,
    row.untold,
  );
}

export function deletePresence(sqlite: Sqlite, userId: string): void {
  sqlite.run('DELETE FROM presence WHERE user_id = ?', userId);
}

export function allPresence(sqlite: Sqlite): PresenceRow[] {
  return sqlite.all<Raw>('SELECT * FROM presence').map(parse);
}

export function presenceSince(sqlite: Sqlite, since: number): PresenceRow[] {
  return sqlite.all<Raw>('SELECT * FROM presence WHERE position > ? ORDER BY position', since).map(parse);
}

/** The next person who has not been told everything. */
export function nextUntold(sqlite: Sqlite, after: string): PresenceRow | undefined {
  const raw = sqlite.get<Raw>(
    'SELECT * FROM presence WHERE user_id > ? AND untold > 0 ORDER BY user_id LIMIT 1',
    after,
  );
  return raw && parse(raw);
}

/** There is news for everybody of the user's server but the user. */
export function markAllUntold(sqlite: Sqlite, userId: UserId): void {
  sqlite.run(
    `UPDATE presence SET untold = ?
     WHERE untold = 0 AND user_id <> ? AND substr(user_id, instr(user_id, ':') + 1) = ?`,
    untold.news,
    userId,
    serverNameOf(userId),
  );
}

/** Forgets the people of other servers. */
export function deletePresenceElsewhere(sqlite: Sqlite, ownServer: string): void {
  sqlite.run(`DELETE FROM presence WHERE substr(user_id, instr(user_id, ':') + 1) <> ?`, ownServer);
}

export function setUntold(sqlite: Sqlite, userId: string, value: Untold): void {
  sqlite.run('UPDATE presence SET untold = ? WHERE user_id = ?', value, userId);
}
