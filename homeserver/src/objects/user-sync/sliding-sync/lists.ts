import type { SlidingFilters, SlidingList } from '../../../protocol/sync/sliding-request.ts';
import {
  eventAtOfRank,
  invitedRooms,
  listedRooms,
  listedRoomsBetween,
  type RoomRow,
} from '../../../storage/user-sync/rooms.ts';
import { readStream } from '../../../storage/user-sync/stream.ts';
import type { UserContext } from '../user-context.ts';
import { isInvite, roomTests } from './filters.ts';

/** Behind every stream position. Unlike `Infinity` it survives JSON and SQL. */
export const endOfTime = Number.MAX_SAFE_INTEGER;

/** The part of a list that its ranges show, in terms of the stream position of each room's last event. */
export interface ListWindow {
  /** Rooms in the whole list. */
  count: number;
  /** Position of the oldest room shown; `endOfTime` where the window is not simply the top of the list. */
  threshold: number;
  contains(room: RoomRow): boolean;
  /** Rooms shown whose last event is older than `before`, newest first. */
  roomsBefore(before: number): RoomRow[];
}

/**
 * Three ways, by cost. Without filters the window is found in the recency index, reading as many entries as
 * the range is long (none if it covers all). Of invitations there are few. Any other filter looks at every
 * room.
 */
export function listWindow(user: UserContext, list: SlidingList): ListWindow {
  const filters = activeFilters(list.filters ?? {});
  const names = Object.keys(filters);
  if (names.length === 0) return plainWindow(user, list.ranges);
  if (names.length === 1 && filters.is_invite === true) {
    return filteredWindow(
      invitedRooms(user.sqlite).filter((room) => room.listed),
      (room) => room.listed && isInvite(room),
      list.ranges,
    );
  }
  const tests = roomTests(user, filters);
  const passes = (room: RoomRow) => room.listed && tests.every((test) => test(room));
  return filteredWindow(listedRooms(user.sqlite).filter(passes), passes, list.ranges);
}

function activeFilters(filters: SlidingFilters): SlidingFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value != null)) as SlidingFilters;
}

type Ranges = SlidingList['ranges'];
type Interval = [oldest: number, newest: number];

function plainWindow(user: UserContext, ranges: Ranges): ListWindow {
  const count = readStream(user.sqlite).listedRooms;
  const at = (rank: number) => eventAtOfRank(user.sqlite, rank);
  const intervals = intervalsOf(ranges, count, at);
  return {
    count,
    threshold: thresholdOf(intervals),
    contains: (room) => room.listed && isWithin(room, intervals),
    roomsBefore: (before) =>
      intervals.flatMap(([oldest, newest]) =>
        listedRoomsBetween(user.sqlite, oldest, Math.min(before, newest === endOfTime ? newest : newest + 1)),
      ),
  };
}

function filteredWindow(
  rooms: readonly RoomRow[],
  passes: (room: RoomRow) => boolean,
  ranges: Ranges,
): ListWindow {
  const intervals = intervalsOf(ranges, rooms.length, (rank) => rooms[rank]?.eventAt);
  return {
    count: rooms.length,
    threshold: thresholdOf(intervals),
    contains: (room) => passes(room) && isWithin(room, intervals),
    roomsBefore: (before) => rooms.filter((room) => room.eventAt < before && isWithin(room, intervals)),
  };
}

function intervalsOf(ranges: Ranges, count: number, at: (rank: number) => number | undefined): Interval[] {
  if (!ranges) return [[0, endOfTime]];
  return ranges.flatMap(([first, last]): Interval[] => {
    if (first > last) return [];
    const newest = first === 0 ? endOfTime : at(first);
    if (newest === undefined) return [];
    return [[last >= count - 1 ? 0 : (at(last) ?? 0), newest]];
  });
}

function thresholdOf(intervals: readonly Interval[]): number {
  const [only, ...others] = intervals;
  if (!only || others.length > 0 || only[1] !== endOfTime) return endOfTime;
  return only[0];
}

function isWithin(room: RoomRow, intervals: readonly Interval[]): boolean {
  return intervals.some(([oldest, newest]) => room.eventAt >= oldest && room.eventAt <= newest);
}
