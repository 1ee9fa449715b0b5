import type { ClientEvent, Membership, StateEvent } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { eventById, type StoredEvent } from '../../storage/room/events.ts';
import { memberEvents, membershipHistory } from '../../storage/room/members.ts';
import type { DeliveredEvent, RoomDelta } from '../room-rpc.ts';
import { mayRead, readerRights } from './reader-rights.ts';
import type { Room } from './room.ts';
import { roomSummary } from './room-summary.ts';
import { serveEvents, serveStateEvents, type Viewing } from './serve-event.ts';

/**
 * @param userId absent: for an application service
 * @param events those behind `from`, without a hole, ending with the position that the follower will have
 */
export function eventsDelta(
  room: Room,
  userId: UserId | undefined,
  membership: Membership,
  from: number,
  events: readonly StoredEvent[],
): RoomDelta {
  const summary = roomSummary(room, userId ?? '');
  const people = new Set([...events.map((event) => event.sender), ...summary.heroes]);
  return {
    roomId: room.roomId,
    fromPosition: from,
    position: events.at(-1)?.position ?? from,
    membership,
    events: deliveredEvents(room, userId, events),
    updated: updatedEvents(room, userId, from, events),
    members: serveMembers(room, people),
    summary,
  };
}

export function deliveredEvents(
  room: Room,
  userId: UserId | undefined,
  events: readonly StoredEvent[],
): DeliveredEvent[] {
  const served = serveEvents(room, events, viewingOf(room, userId));
  return events.flatMap(({ position, sender, transaction }, index) => {
    const event = served[index];
    if (!event) return [];
    return [{ position, event, ...(transaction && sender === userId ? { transaction } : {}) }];
  });
}

export function serveMembers(room: Room, userIds: Iterable<UserId>): StateEvent[] {
  return serveStateEvents(room, memberEvents(room.sqlite, userIds), {});
}

/** Older events that these events changed, in their new form. */
function updatedEvents(
  room: Room,
  userId: UserId | undefined,
  from: number,
  events: readonly StoredEvent[],
): ClientEvent[] {
  const ids = new Set(events.flatMap((event) => event.affects));
  if (ids.size === 0) return [];
  const rights = userId === undefined ? undefined : readerRights(room, userId);
  const changed = [...ids]
    .map((eventId) => eventById(room.sqlite, eventId))
    .filter((event) => event !== undefined)
    .filter((event) => event.position <= from)
    .filter((event) => !rights || (rights.kind === 'rights' && mayRead(rights, event.position)));
  return serveEvents(room, changed, viewingOf(room, userId));
}

function viewingOf(room: Room, userId: UserId | undefined): Viewing {
  if (userId === undefined) return {};
  const history = membershipHistory(room.sqlite, userId);
  return {
    userId,
    membershipAt: (position) => history.findLast((change) => change.since <= position)?.membership ?? 'leave',
  };
}
