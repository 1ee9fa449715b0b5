import type { Membership } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

/** Typed views of the member events in `current_state` and `state_history`. */
export interface Member {
  userId: UserId;
  membership: Membership;
  /** The event of the timeline since which it is so. */
  since: number;
}

type MemberRow = { state_key: string; membership: string; since: number };

function fromMemberRow(row: MemberRow): Member {
  return {
    userId: row.state_key as UserId,
    membership: row.membership as Membership,
    since: row.since,
  };
}

export function memberOf(sqlite: Sqlite, userId: string): Member | undefined {
  const row = sqlite.get<MemberRow>(
    "SELECT state_key, membership, since FROM current_state WHERE type = 'm.room.member' AND state_key = ?",
    userId,
  );
  return row && fromMemberRow(row);
}

/** Oldest membership first. */
export function membersWith(sqlite: Sqlite, membership: Membership): Member[] {
  return sqlite
    .all<MemberRow>(
      `SELECT state_key, membership, since FROM current_state
       WHERE membership IS NOT NULL AND membership = ? ORDER BY position`,
      membership,
    )
    .map(fromMemberRow);
}

export function countMembers(sqlite: Sqlite, membership: Membership): number {
  const row = sqlite.get<{ members: number }>(
    'SELECT members FROM member_counts WHERE membership = ?',
    membership,
  );
  return row?.members ?? 0;
}

/** Keeps the counts; for every change of a member in `current_state`. */
export function recount(
  sqlite: Sqlite,
  former: Membership | undefined,
  present: Membership | undefined,
): void {
  if (former === present) return;
  if (present !== undefined) {
    sqlite.run(
      `INSERT INTO member_counts (membership, members) VALUES (?, 1)
       ON CONFLICT (membership) DO UPDATE SET members = members + 1`,
      present,
    );
  }
  if (former === undefined) return;
  sqlite.run('UPDATE member_counts SET members = members - 1 WHERE membership = ?', former);
}

/** For an import, which does not count member by member. */
export function recountAll(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM member_counts');
  sqlite.run(
    `INSERT INTO member_counts (membership, members)
     SELECT membership, COUNT(*) FROM current_state WHERE membership IS NOT NULL GROUP BY membership`,
  );
}

/** Whether a user of this server is in the room. */
export function hasLocalMember(sqlite: Sqlite): boolean {
  return (
    sqlite.get(
      `SELECT 1 FROM state_history h INDEXED BY local_memberships
         JOIN current_state c ON c.type = h.type AND c.state_key = h.state_key
       WHERE h.local IS NOT NULL AND c.membership = 'join' LIMIT 1`,
    ) !== undefined
  );
}

/** All users of another server that ever had a membership here. */
export function usersOfServer(sqlite: Sqlite, server: string): UserId[] {
  return sqlite
    .all<{ state_key: string }>(
      `SELECT DISTINCT state_key FROM state_history
       WHERE type = 'm.room.member' AND substr(state_key, instr(state_key, ':') + 1) = ?`,
      server,
    )
    .map((row) => row.state_key as UserId);
}

export type MembershipPeriod = Pick<Member, 'since' | 'membership'>;

/** What the user's membership was over time, oldest first. */
export function membershipHistory(sqlite: Sqlite, userId: string): MembershipPeriod[] {
  return sqlite
    .all<{ since: number; membership: string }>(
      `SELECT since, membership FROM state_history
       WHERE type = 'm.room.member' AND state_key = ? AND membership IS NOT NULL ORDER BY since`,
      userId,
    )
    .map((row) => ({ since: row.since, membership: row.membership as Membership }));
}

/** Whether the user was in the room by the state up to `position`. */
export function wasJoined(sqlite: Sqlite, userId: string, position: number): boolean {
  const row = sqlite.get<{ membership: string | null }>(
    `SELECT membership FROM state_history
     WHERE type = 'm.room.member' AND state_key = ? AND since <= ? ORDER BY since DESC LIMIT 1`,
    userId,
    position,
  );
  return row?.membership === 'join';
}

export interface MembershipChange {
  userId: UserId;
  /** Position of the event. */
  since: number;
  membership: Membership;
}

/**
 * Every change of a membership behind event `after`, oldest first.
 * @param whose in a large room those of this server are few, and have an index of their own
 */
export function membershipChanges(
  sqlite: Sqlite,
  after: number,
  whose: 'everyone' | 'local',
): MembershipChange[] {
  const source =
    whose === 'local'
      ? 'INDEXED BY local_memberships WHERE local IS NOT NULL'
      : 'INDEXED BY state_changes WHERE TRUE';
  return sqlite
    .all<{ state_key: string; since: number; membership: string }>(
      `SELECT state_key, since, membership FROM state_history ${source}
       AND membership IS NOT NULL AND since > ? ORDER BY since`,
      after,
    )
    .map((row) => ({
      userId: row.state_key as UserId,
      since: row.since,
      membership: row.membership as Membership,
    }));
}

/** The users with the oldest of these memberships. */
export function oldestMembers(
  sqlite: Sqlite,
  memberships: readonly [Membership, Membership],
  except: string,
  limit: number,
): UserId[] {
  return sqlite
    .all<{ state_key: string }>(
      // The index gives the oldest of one membership, so each is asked on its own.
      `SELECT state_key FROM (
         SELECT * FROM (SELECT state_key, position FROM current_state
           WHERE membership IS NOT NULL AND membership = ?1 AND state_key <> ?3 ORDER BY position LIMIT ?4)
         UNION ALL
         SELECT * FROM (SELECT state_key, position FROM current_state
           WHERE membership IS NOT NULL AND membership = ?2 AND state_key <> ?3 ORDER BY position LIMIT ?4)
       ) ORDER BY position LIMIT ?4`,
      ...memberships,
      except,
      limit,
    )
    .map((row) => row.state_key as UserId);
}

/** The member events of these users, by chunks within the limit of bound parameters. */
export function memberEvents(sqlite: Sqlite, userIds: Iterable<string>): StoredEvent[] {
  const wanted = [...new Set(userIds)];
  const events: StoredEvent[] = [];
  for (let start = 0; start < wanted.length; start += 90) {
    const chunk = wanted.slice(start, start + 90);
    const rows = sqlite.all<EventRow>(
      `SELECT ${eventColumns} FROM current_state s JOIN events e ON e.position = s.position
       WHERE s.type = 'm.room.member' AND s.state_key IN (${chunk.map(() => '?').join(', ')})`,
      ...chunk,
    );
    events.push(...rows.map(fromEventRow));
  }
  return events;
}

/** Outbox of membership changes that their user has not acknowledged. */
export function markPending(sqlite: Sqlite, userId: string, position: number): void {
  sqlite.run(
    `INSERT INTO pending_members (user_id, position) VALUES (?, ?)
     ON CONFLICT (user_id) DO UPDATE SET position = excluded.position`,
    userId,
    position,
  );
}

export function clearPending(sqlite: Sqlite, userId: string, position: number): void {
  sqlite.run('DELETE FROM pending_members WHERE user_id = ? AND position <= ?', userId, position);
}

export function hasPending(sqlite: Sqlite): boolean {
  return sqlite.get('SELECT 1 FROM pending_members LIMIT 1') !== undefined;
}

export function isPending(sqlite: Sqlite, userId: string): boolean {
  return sqlite.get('SELECT 1 FROM pending_members WHERE user_id = ?', userId) !== undefined;
}

export function pendingUsers(sqlite: Sqlite): UserId[] {
  return sqlite
    .all<{ user_id: string }>('SELECT user_id FROM pending_members')
    .map((row) => row.user_id as UserId);
}

export function forgetUpTo(sqlite: Sqlite, userId: string, position: number): void {
  sqlite.run(
    `INSERT INTO forgotten (user_id, position) VALUES (?, ?)
     ON CONFLICT (user_id) DO UPDATE SET position = excluded.position`,
    userId,
    position,
  );
}

export function forgottenUpTo(sqlite: Sqlite, userId: string): number {
  const row = sqlite.get<{ position: number }>('SELECT position FROM forgotten WHERE user_id = ?', userId);
  return row?.position ?? 0;
}
