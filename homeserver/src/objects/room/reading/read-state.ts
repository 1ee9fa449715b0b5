import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import { isMembership, type Membership, type StateEvent } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { newestPosition, type StoredEvent } from '../../../storage/room/events.ts';
import { currentState, type StatePart, stateAt, stateEventAt } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';
import { readerRights } from './reader-rights.ts';
import { serveStateEvents } from './serve-event.ts';

/** Former members see the state that they left. */
export function readState(room: Room, userId: UserId): { kind: 'state'; events: StateEvent[] } | Denial {
  const rights = readerRights(room, userId);
  if (rights.kind === 'denied') return rights;
  const events = stateBehind(room, rights.statePosition, 'all');
  return { kind: 'state', events: serveStateEvents(room, events, { userId, ranges: () => rights.ranges }) };
}

export function readStateEvent(
  room: Room,
  userId: UserId,
  type: string,
  stateKey: string,
): { kind: 'event'; event: StateEvent } | Denial {
  const rights = readerRights(room, userId);
  if (rights.kind === 'denied') return rights;
  const event = stateEventAt(room.sqlite, type, stateKey, rights.statePosition);
  const [served] = event ? serveStateEvents(room, [event], { userId, ranges: () => rights.ranges }) : [];
  return served ? { kind: 'event', event: served } : denial(notFound('No such state'));
}

/** Position of the second event of every room. */
const creatorsJoin = 2;

export interface MembersOptions {
  atPosition?: number;
  membership?: Membership;
  notMembership?: Membership;
}

/** With both options a member has to satisfy either, as the specification says. */
export function readMembers(
  room: Room,
  userId: UserId,
  { atPosition, membership, notMembership }: MembersOptions,
): { kind: 'members'; events: StateEvent[]; isPartial?: boolean } | Denial {
  const rights = readerRights(room, userId);
  if (rights.kind === 'denied') return rights;
  // A first page of everything begins before there are members: then those of the beginning are meant.
  const from = atPosition === undefined ? rights.statePosition : Math.max(atPosition, creatorsJoin);
  const position = Math.min(from, rights.statePosition);
  const members = stateBehind(room, position, 'members').filter(({ pdu }) => {
    const value = pdu.content.membership;
    if (!isMembership(value)) return false;
    if (membership === undefined && notMembership === undefined) return true;
    return (
      (membership !== undefined && value === membership) ||
      (notMembership !== undefined && value !== notMembership)
    );
  });
  const events = serveStateEvents(room, members, { ranges: () => rights.ranges });
  return { kind: 'members', events, ...(room.isPartial ? { isPartial: true } : {}) };
}

function stateBehind(room: Room, position: number, part: StatePart): StoredEvent[] {
  return position >= newestPosition(room.sqlite)
    ? currentState(room.sqlite, part)
    : stateAt(room.sqlite, position, part);
}
