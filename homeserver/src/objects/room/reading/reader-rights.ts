import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import { isMembership, type Membership } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { maySeeChange, type VisibilityFacts } from '../../../protocol/visibility.ts';
import { newestPosition, type Range, type StoredEvent } from '../../../storage/room/events.ts';
import { forgottenUpTo, membershipHistory } from '../../../storage/room/members.ts';
import { stateKeyHistory } from '../../../storage/room/state.ts';
import { administrator } from '../../room-rpc.ts';
import { pointBefore, pointBehind, type StatePoint, stateEventOf } from '../graph/state-point.ts';
import type { Room } from '../room.ts';
import { isWithin, visibleRanges } from './visible-ranges.ts';

/** What a user may read of a room. */
export interface ReaderRights {
  kind: 'rights';
  userId: UserId;
  membership: Membership | undefined;
  /** The reader's membership behind an event. */
  membershipAt: (position: number) => Membership;
  /** Readable stretches of the timeline; in them, events that have a place of their own are judged one by one. */
  ranges: Range[];
  /** The state they may read is the one behind this event. */
  statePosition: number;
}

export function mayRead(
  room: Room,
  { userId, ranges }: Pick<ReaderRights, 'userId' | 'ranges'>,
  event: StoredEvent,
): boolean {
  return isWithin(ranges, event.position) && maySeeAtPlace(room, userId, event);
}

/**
 * An event with a place of its own was sent in another state than the one that was in force when it came: so what
 * that state says counts, of the user's membership and of the visibility.
 */
export function maySeeAtPlace(room: Room, userId: UserId, event: StoredEvent): boolean {
  if (userId === administrator) return true;
  const before = event.place && pointBefore(event);
  const behind = event.place && pointBehind(event);
  if (!before || !behind) return true;
  const lastJoin = membershipHistory(room.sqlite, userId).findLast(({ membership }) => membership === 'join');
  const factsAt = (point: StatePoint): VisibilityFacts => {
    const content = (type: string, stateKey: string) =>
      stateEventOf(room.sqlite, point, type, stateKey)?.pdu.content;
    const own = stateEventOf(room.sqlite, point, 'm.room.member', userId);
    const membership = own?.pdu.content.membership;
    // A join of which the event's branch knows nothing yet is no earlier than the event.
    const joinsBeside =
      lastJoin !== undefined && (own === undefined || isBetween(own.position, lastJoin.since));
    return {
      visibility: content('m.room.history_visibility', '')?.history_visibility,
      membership: isMembership(membership) ? membership : undefined,
      joinedLater: joinsBeside || (lastJoin !== undefined && event.position <= lastJoin.since),
    };
  };
  return maySeeChange(factsAt(before), factsAt(behind));
}

/** Of an outlier it is not known when it was. */
function isBetween(position: number, end: number): boolean {
  return position > 0 && position < end;
}

/** Denied to those who neither are nor were in the room, unless anyone may read it. */
export function readerRights(room: Room, userId: UserId): ReaderRights | Denial {
  const newest = newestPosition(room.sqlite);
  if (userId === administrator) {
    const ranges = [{ after: 0, upTo: newest }];
    return {
      kind: 'rights',
      userId,
      membership: undefined,
      membershipAt: () => 'leave',
      ranges,
      statePosition: newest,
    };
  }
  const forgotten = forgottenUpTo(room.sqlite, userId);
  const memberships = membershipHistory(room.sqlite, userId)
    .filter((change) => change.since > forgotten)
    .map(({ since, membership }) => ({ since, value: membership }));
  const visibilities = historyVisibilities(room);
  const membership = memberships.at(-1)?.value;
  const statePosition =
    membership === 'join' || visibilities.at(-1)?.value === 'world_readable'
      ? newest
      : lastPositionInRoom(memberships);
  if (statePosition === undefined) return denial(forbidden('You are not in this room'));
  return {
    kind: 'rights',
    userId,
    membership,
    membershipAt: (position) => memberships.findLast((change) => change.since <= position)?.value ?? 'leave',
    ranges: visibleRanges(memberships, visibilities, newest),
    statePosition,
  };
}

function historyVisibilities(room: Room): { since: number; value: unknown }[] {
  return stateKeyHistory(room.sqlite, 'm.room.history_visibility', '').map(({ since, event }) => ({
    since,
    value: event?.pdu.content.history_visibility,
  }));
}

/** The event that ended the user's last stay. */
function lastPositionInRoom(memberships: { since: number; value: Membership }[]): number | undefined {
  const lastJoin = memberships.findLastIndex((change) => change.value === 'join');
  return lastJoin < 0 ? undefined : memberships[lastJoin + 1]?.since;
}
