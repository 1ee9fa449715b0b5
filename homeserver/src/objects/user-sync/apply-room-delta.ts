import type { Membership } from '../../../../matrix/events.ts';
import { deleteRing } from '../../storage/user-sync/ring.ts';
import {
  findRoom,
  insertRoom,
  type RoomRow,
  updateRoomForChange,
  updateRoomForEvent,
  updateRoomMembership,
} from '../../storage/user-sync/rooms.ts';
import { addListedRooms } from '../../storage/user-sync/stream.ts';
import type { DeliveredEvent, DeltaResult, RoomDelta } from '../room-rpc.ts';
import { applyEvents } from './apply-events.ts';
import { applyReceipts } from './apply-receipts.ts';
import { applyCorrections, applyMembers, applySnapshotState, applyUpdated } from './apply-state.ts';
import { isHiddenInvite } from './hidden-invites.ts';
import { meetPeople } from './presence/meet-people.ts';
import { pushInvitation } from './push-invitation.ts';
import { noteRead } from './queue-pushes.ts';
import { followDeviceLists } from './shared-devices.ts';
import type { UserContext } from './user-context.ts';

/** Who may see the room itself, as opposed to an invitation to it. */
const outside: readonly Membership[] = ['invite', 'knock'];

/**
 * Takes in what a room tells this user. One write section:
 * 1. refuse what does not follow on what is known (`gap`), drop what is known already, ask for a snapshot
 *    when encryption was turned on, since then everybody in the room counts for device lists;
 * 2. own membership; 3. the snapshot, if there is one; 4. events into the ring, with state and counts;
 * 5. members, corrected state, summary, changed events; 6. receipts and typing; 7. device lists; 8. the room's row.
 * A plain message writes three rows: ring, room, recency index.
 */
export function applyRoomDelta(user: UserContext, delta: RoomDelta, nowMs = Date.now()): DeltaResult {
  const known = findRoom(user.sqlite, delta.roomId);
  const reached = known?.roomPosition ?? 0;
  if (!delta.snapshot && delta.fromPosition > reached) return { kind: 'gap', position: reached };
  if (known && lacksMembers(delta, known)) return { kind: 'gap', position: 0 };
  if (!delta.snapshot && delta.position < reached) return { kind: 'applied' };
  user.sqlite.transaction(() => apply(user, delta, known, nowMs));
  return { kind: 'applied' };
}

function apply(user: UserContext, delta: RoomDelta, known: RoomRow | undefined, nowMs: number): void {
  const reached = restartRing(user, delta, known);
  const events = delta.events.filter((event) => event.position > reached);
  const visible = outside.includes(delta.membership) ? [] : events;
  const membershipChanged = known?.membership !== delta.membership;
  const lastBefore = user.stream.last;
  const room = known ?? newRoom(user, delta);
  const before = known && structuredClone(known);
  room.roomPosition = delta.position;

  if (membershipChanged) changeMembership(user, room, delta, before);
  applyStrippedState(user, room, delta, membershipChanged);
  if (delta.snapshot && !outside.includes(delta.membership)) {
    applySnapshotState(user, room, delta);
    closeRing(room, reached, events, delta.position);
  }
  if (!known) insertRoom(user.sqlite, room);

  const joined = applyEvents(user, room, visible, delta, nowMs);
  if (membershipChanged && delta.membership === 'invite') pushInvitation(user, room, delta, nowMs);
  applyMembers(user, room, delta);
  applyCorrections(user, room, delta);
  applyUpdated(user, room, delta);
  applySummary(user, room, delta);
  applyWholeness(user, room, delta);
  for (const receipts of [delta.snapshot?.receipts, delta.receipts]) {
    if (receipts) applyReceipts(user, room, receipts);
  }
  applyTyping(user, room, delta);
  noteRead(user, before, room, nowMs);
  followDeviceLists(user, room, delta, visible, before?.membership, nowMs);
  meetPeople(user, delta, visible, before?.membership, nowMs);

  if (!before || joined || membershipChanged || room.eventAt !== before.eventAt || delta.snapshot) {
    // The highest position has to show in an indexed column, or a restart would give it again.
    if (user.stream.last > lastBefore) room.eventAt = user.stream.last;
    updateRoomForEvent(user.sqlite, room);
  } else if (changedQuietly(room, before)) {
    room.changeAt = user.stream.last;
    updateRoomForChange(user.sqlite, room);
  }
  const stripped = delta.snapshot?.strippedState !== undefined;
  if (membershipChanged || stripped) updateRoomMembership(user.sqlite, room);
  const listed = (room.listed ? 1 : 0) - (before?.listed ? 1 : 0);
  if (listed !== 0) addListedRooms(user.sqlite, listed);
}

function lacksMembers(delta: RoomDelta, known: RoomRow): boolean {
  if (delta.snapshot || delta.membership !== 'join' || known.encrypted) return false;
  const news = delta.events.filter(({ position }) => position > known.roomPosition).map(({ event }) => event);
  return [...news, ...(delta.corrections?.set ?? [])].some(
    (event) => event.type === 'm.room.encryption' && event.state_key === '',
  );
}

/**
 * A room that was restored from a backup may stand before what is known of it, and who was outside has been told of no
 * events: then they begin anew.
 * @returns position of the room up to which its events are known
 */
function restartRing(user: UserContext, delta: RoomDelta, known: RoomRow | undefined): number {
  if (!known) return 0;
  const comesIn = delta.snapshot && outside.includes(known.membership) && !outside.includes(delta.membership);
  if (delta.position >= known.roomPosition && !comesIn) return known.roomPosition;
  deleteRing(user.sqlite, delta.roomId);
  return 0;
}

function newRoom(user: UserContext, delta: RoomDelta): RoomRow {
  const position = user.stream.next();
  return {
    roomId: delta.roomId,
    membership: delta.membership,
    listed: false,
    forgotten: false,
    roomPosition: 0,
    ringStart: 0,
    eventAt: position,
    changeAt: 0,
    memberAt: position,
    stateAt: 0,
    summaryAt: 0,
    wholeAt: 0,
    countsAt: 0,
    typingAt: 0,
    bumpStamp: position,
    roomType: null,
    encrypted: false,
    joinedCount: 0,
    invitedCount: 0,
    heroes: [],
    unread: { main: [0, 0], threads: {}, read: 0, readThreads: {} },
    typing: [],
    strippedState: undefined,
  };
}

function changeMembership(
  user: UserContext,
  room: RoomRow,
  delta: RoomDelta,
  before: RoomRow | undefined,
): void {
  const position = user.stream.next();
  room.membership = delta.membership;
  room.memberAt = position;
  room.eventAt = position;
  room.bumpStamp = position;
  room.forgotten = false;
  room.listed = isListed(user, delta, before);
  if (room.typing.length > 0) room.typingAt = position;
  room.typing = [];
  if (!outside.includes(delta.membership)) room.strippedState = undefined;
}

/** An invitation that is made anew, with another name say, is told anew. */
function applyStrippedState(
  user: UserContext,
  room: RoomRow,
  { snapshot }: RoomDelta,
  membershipChanged: boolean,
): void {
  if (!snapshot?.strippedState) return;
  const same = JSON.stringify(room.strippedState) === JSON.stringify(snapshot.strippedState);
  if (!membershipChanged && !same) room.memberAt = user.stream.next();
  room.strippedState = snapshot.strippedState;
  if (room.membership === 'invite') room.listed = !isHiddenInvite(user, room.strippedState);
}

/** MSC4186: invitations and knocks, joined rooms, and those one was kicked or banned from. */
function isListed(user: UserContext, delta: RoomDelta, before: RoomRow | undefined): boolean {
  switch (delta.membership) {
    case 'invite':
      return !isHiddenInvite(user, delta.snapshot?.strippedState ?? before?.strippedState);
    case 'join':
    case 'knock':
      return true;
    case 'ban':
      return before?.listed === true && !outside.includes(before.membership);
    case 'leave': {
      const own = delta.events.findLast(
        ({ event }) => event.type === 'm.room.member' && event.state_key === user.userId,
      );
      return before?.membership === 'join' && own !== undefined && own.event.sender !== user.userId;
    }
    default:
      return delta.membership satisfies never;
  }
}

/** A snapshot may skip events: then the ring is only whole from the first one that came with it. */
function closeRing(
  room: RoomRow,
  reachedBefore: number,
  events: readonly DeliveredEvent[],
  position: number,
): void {
  const first = events[0]?.position ?? position + 1;
  if (first > reachedBefore + 1) room.ringStart = first - 1;
}

function applySummary(user: UserContext, room: RoomRow, { summary }: RoomDelta): void {
  const same =
    room.joinedCount === summary.joinedCount &&
    room.invitedCount === summary.invitedCount &&
    room.heroes.join() === summary.heroes.join();
  if (same) return;
  room.joinedCount = summary.joinedCount;
  room.invitedCount = summary.invitedCount;
  room.heroes = summary.heroes;
  room.summaryAt = user.stream.next();
}

/** Clients that do not load members lazily get the room when it has them all. */
function applyWholeness(user: UserContext, room: RoomRow, { membership, isPartial }: RoomDelta): void {
  if (isPartial && membership === 'join') room.wholeAt = -1;
  else if (room.wholeAt < 0) room.wholeAt = user.stream.next();
}

function applyTyping(user: UserContext, room: RoomRow, { typing }: RoomDelta): void {
  if (!typing || typing.join() === room.typing.join()) return;
  room.typing = typing;
  room.typingAt = user.stream.next();
}

function changedQuietly(room: RoomRow, before: RoomRow): boolean {
  return (
    room.summaryAt !== before.summaryAt ||
    room.wholeAt !== before.wholeAt ||
    room.countsAt !== before.countsAt ||
    room.typingAt !== before.typingAt ||
    room.stateAt !== before.stateAt
  );
}
