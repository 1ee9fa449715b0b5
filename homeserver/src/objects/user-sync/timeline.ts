import type { ClientEvent } from '../../../../matrix/events.ts';
import { latestEvents, type RingRow, ringSize } from '../../storage/user-sync/ring.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { UserContext } from './user-context.ts';

export interface Timeline {
  /** Oldest first. */
  rows: RingRow[];
  /** Events were left out between `since` and the first row. */
  limited: boolean;
  /** Room position behind which the rows begin: the pagination token. */
  startsBehind: number;
}

/**
 * The latest events of a room behind a stream position, at most `limit`: of a gap the newest (R33).
 * Reads few more rows than it returns, unless a filter makes it look further.
 * @param since 0: the latest events, however old
 */
export function readTimeline(
  user: UserContext,
  room: RoomRow,
  since: number,
  limit: number,
  passes?: (event: ClientEvent) => boolean,
): Timeline {
  const read = (count: number) =>
    latestEvents(user.sqlite, room.roomId, room.roomPosition, room.ringStart, count);
  const few = Math.min(limit + 1, ringSize);
  let rows = passes ? read(ringSize) : read(few);
  // Positions of the room that this user may not see leave gaps, so that fewer rows can come than asked for.
  if (!passes && few < ringSize && rows.length < few && !reachesBack(rows, since)) rows = read(ringSize);
  const wanted = rows.filter((row) => row.position > since && isShown(user, row.event, passes));
  const shown = limit === 0 ? [] : wanted.slice(-limit);
  const whole = reachesBack(rows, since) || (room.ringStart === 0 && room.roomPosition <= rows.length);
  const first = shown[0];
  return {
    rows: shown,
    limited: wanted.length > shown.length || !whole,
    startsBehind: first ? first.roomPosition - 1 : room.roomPosition,
  };
}

/** An event at or before `since` was read, so nothing between can be missing. */
function reachesBack(rows: readonly RingRow[], since: number): boolean {
  return rows.some((row) => row.position <= since);
}

/** Messages of ignored users are not shown; their state events are, or the room would be misread. */
function isShown(
  user: UserContext,
  event: ClientEvent,
  passes: ((event: ClientEvent) => boolean) | undefined,
): boolean {
  if (event.state_key === undefined && user.known.ignoredUsers.has(event.sender)) return false;
  return passes?.(event) ?? true;
}
