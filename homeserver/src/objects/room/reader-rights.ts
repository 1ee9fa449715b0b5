import { type Denial, denial, forbidden } from '../../../../matrix/errors.ts';
import type { Membership } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { newestPosition, type Range } from '../../storage/room/events.ts';
import { forgottenUpTo, membershipHistory } from '../../storage/room/members.ts';
import { stateKeyHistory } from '../../storage/room/state.ts';
import type { Room } from './room.ts';
import { isWithin, visibleRanges } from './visible-ranges.ts';

/** What a user may read of a room. */
export interface ReaderRights {
  kind: 'rights';
  membership: Membership | undefined;
  /** The reader's membership behind an event. */
  membershipAt: (position: number) => Membership;
  /** Readable events. */
  ranges: Range[];
  /** The state they may read is the one behind this event. */
  statePosition: number;
}

export function mayRead(rights: ReaderRights, position: number): boolean {
  return isWithin(rights.ranges, position);
}

/** Denied to those who neither are nor were in the room, unless anyone may read it. */
export function readerRights(room: Room, userId: UserId): ReaderRights | Denial {
  const newest = newestPosition(room.sqlite);
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
