import type { ClientEvent, Membership } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { eventById, type Range, type StoredEvent } from '../../../storage/room/events.ts';
import type { MembershipPeriod } from '../../../storage/room/members.ts';
import type { DeliveredEvent, RoomDelta } from '../../room-rpc.ts';
import { maySeeAtPlace, readerRights } from '../reading/reader-rights.ts';
import { serveEvents, type Viewing } from '../reading/serve-event.ts';
import { isWithin } from '../reading/visible-ranges.ts';
import type { Room } from '../room.ts';
import { roomSummary } from './room-summary.ts';
import { serveMembers } from './shared-reads.ts';
import { stateCorrections } from './state-corrections.ts';

/**
 * @param history the user's memberships, oldest first
 * @param events those behind `from`, without a hole, ending with the position that the follower will have
 */
export function eventsDelta(
  room: Room,
  userId: UserId,
  membership: Membership,
  history: readonly MembershipPeriod[],
  from: number,
  events: readonly StoredEvent[],
): RoomDelta {
  const viewing = viewingOf(room, userId, history);
  const summary = roomSummary(room, userId);
  const visible = events.filter((event) => maySeeAtPlace(room, userId, event));
  const people = new Set([...events.map((event) => event.sender), ...summary.heroes]);
  return {
    roomId: room.roomId,
    fromPosition: from,
    position: events.at(-1)?.position ?? from,
    membership,
    ...partiality(room),
    events: deliveredEvents(room, viewing, visible),
    ...stateCorrections(room, from, events, visible),
    updated: updatedEvents(room, userId, viewing, from, events),
    members: serveMembers(room, people),
    summary,
  };
}

/** What a delta says of a room whose members are still to come. */
export function partiality({ isPartial }: Room): { isPartial?: boolean } {
  return isPartial ? { isPartial } : {};
}

export function deliveredEvents(
  room: Room,
  viewing: Viewing,
  events: readonly StoredEvent[],
): DeliveredEvent[] {
  const served = serveEvents(room, events, viewing);
  return events.flatMap(({ position, sender, transaction }, index) => {
    const event = served[index];
    if (!event) return [];
    return [{ position, event, ...(transaction && sender === viewing.userId ? { transaction } : {}) }];
  });
}

/** Older events that these events changed, in their new form. */
function updatedEvents(
  room: Room,
  userId: UserId,
  viewing: Viewing,
  from: number,
  events: readonly StoredEvent[],
): ClientEvent[] {
  const ids = new Set(events.flatMap((event) => event.affects));
  if (ids.size === 0) return [];
  const ranges = viewing.ranges?.();
  const changed = [...ids]
    .map((eventId) => eventById(room.sqlite, eventId))
    .filter((event) => event !== undefined)
    .filter((event) => event.position <= from)
    .filter((event) => !ranges || (isWithin(ranges, event.position) && maySeeAtPlace(room, userId, event)));
  return serveEvents(room, changed, viewing);
}

export function viewingOf(room: Room, userId: UserId, history: readonly MembershipPeriod[]): Viewing {
  let ranges: Range[] | undefined;
  return {
    userId,
    membershipAt: (position) => history.findLast((change) => change.since <= position)?.membership ?? 'leave',
    ranges: () => {
      ranges ??= readableRanges(room, userId);
      return ranges;
    },
  };
}

function readableRanges(room: Room, userId: UserId): Range[] {
  const rights = readerRights(room, userId);
  return rights.kind === 'rights' ? rights.ranges : [];
}
