import type { UserId } from '../../../../../matrix/identifiers.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import { type MembershipPeriod, memberOf, membershipHistory } from '../../../storage/room/members.ts';
import type { RoomDelta } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { eventsDelta } from './delta-parts.ts';
import { isGhost } from './followers.ts';
import { eventsBehind, maxDeltaEvents } from './shared-reads.ts';
import { membershipDelta, snapshotDelta } from './snapshot.ts';

/**
 * What a local user lacks who has been told everything up to `from`: the events, or a snapshot if they were
 * away meanwhile, the gap is wide, or they are ahead of this room (it was restored from a backup).
 * @returns nothing if the user was never in this room
 */
export function userDelta(room: Room, userId: UserId, from: number): RoomDelta | undefined {
  const member = memberOf(room.sqlite, userId);
  if (!member) return undefined;
  const history = membershipHistory(room.sqlite, userId);
  const stayed = stayedSince(history, from);
  switch (member.membership) {
    case 'join': {
      if (isGhost(room.config, userId)) return membershipDelta(room, member, from);
      const newest = newestPosition(room.sqlite);
      if (!stayed || from > newest || newest - from > maxDeltaEvents)
        return snapshotDelta(room, userId, from);
      return eventsDelta(room, userId, 'join', history, from, eventsBehind(room, from, newest));
    }
    case 'invite':
    case 'knock':
      return membershipDelta(room, member, from);
    case 'leave':
    case 'ban': {
      if (from >= member.since)
        return eventsDelta(room, userId, member.membership, history, member.since, []);
      const start = stayed && !isGhost(room.config, userId) ? from : member.since - 1;
      const wide = member.since - start > maxDeltaEvents;
      const events = eventsBehind(room, wide ? member.since - maxDeltaEvents : start, member.since);
      const { corrections, ...delta } = eventsDelta(room, userId, member.membership, history, start, events);
      return {
        ...delta,
        // To who was not in the room its state is not told.
        ...(stayed && corrections ? { corrections } : {}),
        fromPosition: from,
        position: member.since,
      };
    }
    default:
      return member.membership satisfies never;
  }
}

/** The room from the beginning, for a user whose copy of it is lost. */
export function userSnapshot(room: Room, userId: UserId): RoomDelta | undefined {
  const member = memberOf(room.sqlite, userId);
  switch (member?.membership) {
    case 'join':
      return isGhost(room.config, userId) ? membershipDelta(room, member, 0) : snapshotDelta(room, userId, 0);
    case 'invite':
    case 'knock':
      return membershipDelta(room, member, 0);
    default:
      return undefined;
  }
}

/** Whether the user was joined behind event `from` and without a break from then until now or their leave. */
function stayedSince(history: readonly MembershipPeriod[], from: number): boolean {
  const start = history.findLastIndex((change) => change.since <= from);
  if (history[start]?.membership !== 'join') return false;
  return history.slice(start, -1).every((change) => change.membership === 'join');
}
