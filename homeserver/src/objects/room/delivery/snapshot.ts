import type { UserId } from '../../../../../matrix/identifiers.ts';
import { receiptContent } from '../../../protocol/sync/receipt-event.ts';
import { eventsBackward, newestPosition } from '../../../storage/room/events.ts';
import { type Member, memberEvents, membershipHistory, membersWith } from '../../../storage/room/members.ts';
import { receiptsFor } from '../../../storage/room/receipts.ts';
import { currentState, stateEvent } from '../../../storage/room/state.ts';
import type { RoomDelta } from '../../room-rpc.ts';
import { maySeeAtPlace, readerRights } from '../reading/reader-rights.ts';
import { serveStateEvents } from '../reading/serve-event.ts';
import { strippedStateFor } from '../reading/stripped-state-of.ts';
import type { Room } from '../room.ts';
import { deliveredEvents, partiality, viewingOf } from './delta-parts.ts';
import { isGhost } from './followers.ts';
import { roomSummary } from './room-summary.ts';
import { serveMembers } from './shared-reads.ts';

/** Timeline that comes with a snapshot. */
const snapshotEvents = 32;
const snapshotReceipts = 500;

/** The whole room as a joined user's room list needs it, with the latest events they may see. */
export function snapshotDelta(room: Room, userId: UserId, from: number): RoomDelta {
  const newest = newestPosition(room.sqlite);
  const rights = readerRights(room, userId);
  const visible = rights.kind === 'rights' ? rights.ranges.at(-1) : undefined;
  const after = visible && visible.upTo === newest ? visible.after : newest;
  const events = eventsBackward(room.sqlite, after, newest, snapshotEvents)
    .reverse()
    .filter((event) => maySeeAtPlace(room, userId, event));
  const summary = roomSummary(room, userId);
  const members = memberEvents(room.sqlite, [userId, ...summary.heroes]);
  const encrypted = stateEvent(room.sqlite, 'm.room.encryption', '') !== undefined;
  return {
    roomId: room.roomId,
    fromPosition: Math.min(from, newest),
    position: newest,
    membership: 'join',
    ...partiality(room),
    events: deliveredEvents(room, viewingOf(room, userId, membershipHistory(room.sqlite, userId)), events),
    updated: [],
    members: serveMembers(room, [...events.map((event) => event.sender), ...summary.heroes]),
    summary,
    snapshot: {
      roomVersion: room.version.id,
      state: serveStateEvents(room, [...currentState(room.sqlite, 'withoutMembers'), ...members], { userId }),
      ...(encrypted
        ? { joinedMembers: membersWith(room.sqlite, 'join').map((member) => member.userId) }
        : {}),
      receipts: receiptContent(receiptsFor(room.sqlite, userId, 0, snapshotReceipts)),
    },
  };
}

/** For those who are told of their own membership only: invitees, knockers, and joined ghosts. */
export function membershipDelta(room: Room, member: Member, from: number): RoomDelta {
  const summary = roomSummary(room, member.userId);
  const own = stateEvent(room.sqlite, 'm.room.member', member.userId);
  const joinedGhost = member.membership === 'join' && isGhost(room.config, member.userId);
  return {
    roomId: room.roomId,
    fromPosition: Math.min(from, member.since),
    position: member.since,
    membership: member.membership,
    events: [],
    updated: [],
    members: [],
    summary,
    snapshot: {
      roomVersion: room.version.id,
      state: [],
      ...(joinedGhost ? {} : { strippedState: strippedStateFor(room, member) }),
      ...(member.membership === 'invite' && own && { inviteEventId: own.eventId }),
    },
  };
}
