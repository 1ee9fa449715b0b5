import type { Membership } from '../../../../matrix/events.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Another server with members in the room, or one that has still to be told that it has none any more. */
export interface JoinedServer {
  server: string;
  /** The event by which its first member came. */
  since: number;
  /** The event by which its last member left. */
  until: number | undefined;
}

type ServerRow = { server: string; since: number; until: number | null };

/** Keeps the list; for every change of a member of another server, in force since the event at `at`. */
export function recountServer(
  sqlite: Sqlite,
  server: string,
  former: Membership | undefined,
  present: Membership | undefined,
  at: number,
): void {
  if (former === 'invite' && present !== 'join' && present !== 'invite') {
    // It took no part, but its user has to hear that the invitation is taken back.
    sqlite.run(
      'INSERT OR IGNORE INTO joined_servers (server, members, since, until) VALUES (?, 0, ?, ?)',
      server,
      at - 1,
      at,
    );
    return;
  }
  if ((former === 'join') === (present === 'join')) return;
  if (present === 'join') {
    sqlite.run(
      `INSERT INTO joined_servers (server, members, since) VALUES (?, 1, ?)
       ON CONFLICT (server) DO UPDATE
       SET since = CASE members WHEN 0 THEN excluded.since ELSE since END, members = members + 1, until = NULL`,
      server,
      at,
    );
    return;
  }
  sqlite.run(
    `UPDATE joined_servers SET until = CASE members WHEN 1 THEN ? END, members = members - 1 WHERE server = ?`,
    at,
    server,
  );
}

/** For an import, which does not count member by member. */
export function recountAllServers(sqlite: Sqlite, ownServer: string, at: number): void {
  sqlite.run('DELETE FROM joined_servers');
  sqlite.run(
    `INSERT INTO joined_servers (server, members, since)
     SELECT substr(state_key, instr(state_key, ':') + 1) AS server, COUNT(*), ? FROM current_state
     WHERE membership IS NOT NULL AND membership = 'join' AND server <> ? GROUP BY server`,
    at,
    ownServer,
  );
}

/** Those first that have been in the room longest, and with most members: they have most of its history. */
export function joinedServers(sqlite: Sqlite): JoinedServer[] {
  return sqlite
    .all<ServerRow>('SELECT server, since, until FROM joined_servers ORDER BY since, members DESC')
    .map(fromServerRow);
}

export function joinedServer(sqlite: Sqlite, server: string): JoinedServer | undefined {
  const row = sqlite.get<ServerRow>(
    'SELECT server, since, until FROM joined_servers WHERE server = ?',
    server,
  );
  return row && fromServerRow(row);
}

export function hasOtherServers(sqlite: Sqlite): boolean {
  return sqlite.get('SELECT 1 FROM joined_servers LIMIT 1') !== undefined;
}

/** Of a room that was joined without its members: those that are said to be in it. */
export function assumeServers(sqlite: Sqlite, servers: readonly string[], at: number): void {
  sqlite.run(
    `INSERT INTO joined_servers (server, members, since) SELECT value, 1, ? FROM json_each(?) WHERE TRUE
     ON CONFLICT (server) DO UPDATE SET members = max(members, 1), until = NULL`,
    at,
    JSON.stringify(servers),
  );
}

/**
 * The members are all known now. Servers that have some hear of all since `at` if they were not counted before; those
 * that turn out to have none hear of what was up to now, and no more.
 */
export function settleServers(sqlite: Sqlite, ownServer: string, at: number, newest: number): void {
  sqlite.run('UPDATE joined_servers SET members = 0');
  sqlite.run(
    `INSERT INTO joined_servers (server, members, since)
     SELECT substr(state_key, instr(state_key, ':') + 1) AS server, COUNT(*), ? FROM current_state
     WHERE membership IS NOT NULL AND membership = 'join' AND server <> ? GROUP BY server
     ON CONFLICT (server) DO UPDATE SET members = excluded.members, until = NULL`,
    at,
    ownServer,
  );
  sqlite.run('UPDATE joined_servers SET until = ? WHERE members = 0 AND until IS NULL', newest);
}

/** The server has been told all up to the event by which its last member left. */
export function forgetServer(sqlite: Sqlite, server: string, position: number): void {
  sqlite.run('DELETE FROM joined_servers WHERE server = ? AND until <= ?', server, position);
}

function fromServerRow(row: ServerRow): JoinedServer {
  return { server: row.server, since: row.since, until: row.until ?? undefined };
}
