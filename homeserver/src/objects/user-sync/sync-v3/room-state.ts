import type { StateEvent } from '../../../../../matrix/events.ts';
import { matchesEventFilter, matchesRoomFilter } from '../../../protocol/filter.ts';
import {
  allState,
  memberEvents,
  stateSince,
  stateWithoutMembers,
} from '../../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../../storage/user-sync/rooms.ts';
import type { Timeline } from '../timeline.ts';
import type { UserContext } from '../user-context.ts';
import type { SyncRequest } from './sync-request.ts';

/**
 * State of a room for `/sync`: all of it (`since` 0), or what changed. As `state` it does not hold what the
 * timeline brings itself; as `state_after` it does. Where branches of the room met, the event in force is told in
 * `state` though the timeline has another one for its entry: only `state_after` can say that it comes last.
 */
export function roomState(
  user: UserContext,
  room: RoomRow,
  request: SyncRequest,
  timeline: Timeline,
  since: number,
): StateEvent[] {
  const filter = request.filter.room?.state;
  if (!matchesRoomFilter(room.roomId, filter)) return [];
  const lazy = filter?.lazy_load_members === true;
  const whole = since === 0 || request.fullState;
  const events = new Map<string, StateEvent>();
  const add = (event: StateEvent) => events.set(`${event.type}\n${event.state_key}`, event);

  if (whole && lazy) for (const row of stateWithoutMembers(user.sqlite, room.roomId)) add(row.event);
  else if (whole) for (const row of allState(user.sqlite, room.roomId)) add(row.event);
  else if (room.stateAt > since) {
    for (const row of stateSince(user.sqlite, room.roomId, since)) add(row.event);
  }
  if (lazy) {
    const members = lazyMembers(user, room, timeline, whole, whole || room.summaryAt > since);
    for (const event of members) add(event);
  }
  const told = new Set(request.stateAfter ? [] : timeline.rows.map((row) => row.eventId));
  return [...events.values()].filter(
    (event) => !told.has(event.event_id) && matchesEventFilter(event, filter),
  );
}

/** Members that a client needs to show the timeline and the room's name. */
function lazyMembers(
  user: UserContext,
  room: RoomRow,
  timeline: Timeline,
  whole: boolean,
  heroes: boolean,
): StateEvent[] {
  const wanted = new Set<string>();
  for (const { event } of timeline.rows) {
    wanted.add(event.sender);
    if (event.type === 'm.room.member' && event.state_key !== undefined) wanted.add(event.state_key);
  }
  if (heroes) for (const userId of room.heroes) wanted.add(userId);
  if (whole) wanted.add(user.userId);
  return memberEvents(user.sqlite, room.roomId, wanted);
}

/** Whether the members known here are not all that this request asks for: only the room has the others. */
export function lacksMembers(
  user: UserContext,
  room: RoomRow,
  request: SyncRequest,
  whole: boolean,
): boolean {
  const filter = request.filter.room?.state;
  if (!whole || filter?.lazy_load_members || !matchesRoomFilter(room.roomId, filter)) return false;
  if (!matchesEventFilter({ type: 'm.room.member', content: {} }, filter)) return false;
  const present = allState(user.sqlite, room.roomId).filter(
    ({ event }) =>
      event.type === 'm.room.member' &&
      (event.content.membership === 'join' || event.content.membership === 'invite'),
  );
  return present.length < room.joinedCount + room.invitedCount;
}
