import type { Membership, StrippedStateEvent } from '../../../../matrix/events.ts';
import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `rooms`: one row per room the user has to do with. Names ending in `At` are stream positions. */

/** Counts and read positions of a room; positions are the room's own. */
export interface Unread {
  /** Notifications and highlights of the main timeline. */
  main: [notifications: number, highlights: number];
  /** The same per thread that has any. */
  threads: Record<string, [notifications: number, highlights: number]>;
  /** Read up to here by an unthreaded receipt. */
  read: number;
  /** Read up to here in a thread; `main` is the main timeline. */
  readThreads: Record<string, number>;
}

export interface RoomRow {
  roomId: RoomId;
  membership: Membership;
  listed: boolean;
  forgotten: boolean;
  roomPosition: number;
  ringStart: number;
  eventAt: number;
  changeAt: number;
  memberAt: number;
  stateAt: number;
  summaryAt: number;
  /** -1 while the room lacks most of its members; else since when it does not. */
  wholeAt: number;
  countsAt: number;
  typingAt: number;
  bumpStamp: number;
  roomType: string | null;
  encrypted: boolean;
  joinedCount: number;
  invitedCount: number;
  heroes: UserId[];
  unread: Unread;
  typing: UserId[];
  strippedState: StrippedStateEvent[] | undefined;
}

type Raw = {
  room_id: string;
  membership: string;
  listed: number;
  forgotten: number;
  room_position: number;
  ring_start: number;
  event_at: number;
  change_at: number;
  member_at: number;
  state_at: number;
  summary_at: number;
  whole_at: number;
  counts_at: number;
  typing_at: number;
  bump_stamp: number;
  room_type: string | null;
  encrypted: number;
  joined_count: number;
  invited_count: number;
  heroes: string;
  unread: string;
  typing: string;
  stripped_state: string | null;
};

function parse(raw: Raw): RoomRow {
  return {
    roomId: raw.room_id as RoomId,
    membership: raw.membership as Membership,
    listed: raw.listed === 1,
    forgotten: raw.forgotten === 1,
    roomPosition: raw.room_position,
    ringStart: raw.ring_start,
    eventAt: raw.event_at,
    changeAt: raw.change_at,
    memberAt: raw.member_at,
    stateAt: raw.state_at,
    summaryAt: raw.summary_at,
    wholeAt: raw.whole_at,
    countsAt: raw.counts_at,
    typingAt: raw.typing_at,
    bumpStamp: raw.bump_stamp,
    roomType: raw.room_type,
    encrypted: raw.encrypted === 1,
    joinedCount: raw.joined_count,
    invitedCount: raw.invited_count,
    heroes: JSON.parse(raw.heroes) as UserId[],
    unread: { main: [0, 0], threads: {}, read: 0, readThreads: {}, ...(JSON.parse(raw.unread) as object) },
    typing: JSON.parse(raw.typing) as UserId[],
    strippedState: raw.stripped_state ? (JSON.parse(raw.stripped_state) as StrippedStateEvent[]) : undefined,
  };
}

export function findRoom(sqlite: Sqlite, roomId: string): RoomRow | undefined {
  const raw = sqlite.get<Raw>('SELECT * FROM rooms WHERE room_id = ?', roomId);
  return raw && parse(raw);
}

export function insertRoom(sqlite: Sqlite, room: RoomRow): void {
  sqlite.run(
    `INSERT INTO rooms (room_id, membership, listed, room_position, ring_start, event_at, member_at, bump_stamp)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    room.roomId,
    room.membership,
    room.listed ? 1 : 0,
    room.roomPosition,
    room.ringStart,
    room.eventAt,
    room.memberAt,
    room.bumpStamp,
  );
}

/** Writes everything that an event can change in a joined room: the row and one index entry. */
export function updateRoomForEvent(sqlite: Sqlite, room: RoomRow): void {
  sqlite.run(
    `UPDATE rooms SET room_position = ?, ring_start = ?, event_at = ?, state_at = ?, summary_at = ?, whole_at = ?,
       counts_at = ?, typing_at = ?, bump_stamp = ?, room_type = ?, encrypted = ?, joined_count = ?,
       invited_count = ?, heroes = ?, unread = ?, typing = ?
     WHERE room_id = ?`,
    room.roomPosition,
    room.ringStart,
    room.eventAt,
    room.stateAt,
    room.summaryAt,
    room.wholeAt,
    room.countsAt,
    room.typingAt,
    room.bumpStamp,
    room.roomType,
    room.encrypted ? 1 : 0,
    room.joinedCount,
    room.invitedCount,
    JSON.stringify(room.heroes),
    JSON.stringify(room.unread),
    JSON.stringify(room.typing),
    room.roomId,
  );
}

/** The columns that `updateRoomForEvent` leaves alone because an index hangs on them. */
export function updateRoomMembership(sqlite: Sqlite, room: RoomRow): void {
  sqlite.run(
    `UPDATE rooms SET membership = ?, listed = ?, forgotten = ?, member_at = ?, stripped_state = ?
     WHERE room_id = ?`,
    room.membership,
    room.listed ? 1 : 0,
    room.forgotten ? 1 : 0,
    room.memberAt,
    room.strippedState ? JSON.stringify(room.strippedState) : null,
    room.roomId,
  );
}

/** A change that is no event: the room does not move in lists. */
export function updateRoomForChange(sqlite: Sqlite, room: RoomRow): void {
  sqlite.run(
    `UPDATE rooms SET change_at = ?, state_at = ?, summary_at = ?, whole_at = ?, counts_at = ?, typing_at = ?, joined_count = ?,
       invited_count = ?, heroes = ?, unread = ?, typing = ?
     WHERE room_id = ?`,
    room.changeAt,
    room.stateAt,
    room.summaryAt,
    room.wholeAt,
    room.countsAt,
    room.typingAt,
    room.joinedCount,
    room.invitedCount,
    JSON.stringify(room.heroes),
    JSON.stringify(room.unread),
    JSON.stringify(room.typing),
    room.roomId,
  );
}

/** Whether there is an encrypted room most of whose members are not known yet. */
export function hasPartialRoom(sqlite: Sqlite): boolean {
  return sqlite.get('SELECT 1 FROM rooms WHERE whole_at < 0 AND encrypted = 1 LIMIT 1') !== undefined;
}

/** Rooms with an event or another change behind `since`. Reads only those: each index its own end. */
export function roomsChangedSince(sqlite: Sqlite, since: number): RoomRow[] {
  const raw = sqlite.all<Raw>(
    `SELECT * FROM rooms INDEXED BY rooms_by_recency WHERE listed = 0 AND event_at > ?
     UNION ALL SELECT * FROM rooms INDEXED BY rooms_by_recency WHERE listed = 1 AND event_at > ?
     UNION ALL SELECT * FROM rooms INDEXED BY rooms_by_change WHERE change_at > ?`,
    since,
    since,
    since,
  );
  return [...new Map(raw.map((row) => [row.room_id, row])).values()].map(parse);
}

export function allRooms(sqlite: Sqlite): RoomRow[] {
  return sqlite.all<Raw>('SELECT * FROM rooms').map(parse);
}

/** Listed rooms with `from` ≤ eventAt < `to`, newest first. */
export function listedRoomsBetween(sqlite: Sqlite, from: number, to: number): RoomRow[] {
  return sqlite
    .all<Raw>(
      'SELECT * FROM rooms WHERE listed = 1 AND event_at >= ? AND event_at < ? ORDER BY event_at DESC',
      from,
      to,
    )
    .map(parse);
}

/** `eventAt` of the listed room with this rank, 0 being the newest. Reads `rank` index entries. */
export function eventAtOfRank(sqlite: Sqlite, rank: number): number | undefined {
  return sqlite.get<{ event_at: number }>(
    'SELECT event_at FROM rooms WHERE listed = 1 ORDER BY event_at DESC LIMIT 1 OFFSET ?',
    rank,
  )?.event_at;
}

/** Invitations and knocks, newest first. */
export function invitedRooms(sqlite: Sqlite): RoomRow[] {
  return sqlite
    .all<Raw>(
      `SELECT * FROM rooms INDEXED BY rooms_invited WHERE membership IN ('invite', 'knock')
       ORDER BY event_at DESC`,
    )
    .map(parse);
}

/** Every listed room, newest first. */
export function listedRooms(sqlite: Sqlite): RoomRow[] {
  return sqlite.all<Raw>('SELECT * FROM rooms WHERE listed = 1 ORDER BY event_at DESC').map(parse);
}

export function joinedRoomIds(sqlite: Sqlite): RoomId[] {
  return sqlite
    .all<{ room_id: string }>(`SELECT room_id FROM rooms WHERE membership = 'join'`)
    .map((row) => row.room_id as RoomId);
}

/** Of every room that is known. */
export function membershipsByRoom(sqlite: Sqlite): Record<RoomId, Membership> {
  const rows = sqlite.all<{ room_id: string; membership: string }>('SELECT room_id, membership FROM rooms');
  return Object.fromEntries(rows.map((row) => [row.room_id, row.membership as Membership]));
}

/** Rooms with notifications, and invitations: what apps show as a number. Reads every room. */
export function countUnreadRooms(sqlite: Sqlite): number {
  const row = sqlite.get<{ count: number }>(
    `SELECT count(*) AS count FROM rooms WHERE (membership = 'invite' AND listed = 1) OR (membership = 'join'
       AND (json_extract(unread, '$.main[0]') > 0 OR json_extract(unread, '$.threads') <> '{}'))`,
  );
  return row?.count ?? 0;
}

/** Joined rooms whose last event is not newer than `until`, newest first. */
export function joinedRoomsUntil(sqlite: Sqlite, until: number, limit: number): RoomRow[] {
  return sqlite
    .all<Raw>(
      `SELECT * FROM rooms WHERE listed = 1 AND event_at < ? AND membership = 'join'
       ORDER BY event_at DESC LIMIT ?`,
      until,
      limit,
    )
    .map(parse);
}
