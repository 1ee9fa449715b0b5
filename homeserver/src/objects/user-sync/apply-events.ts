import type { ClientEvent, StateEvent } from '../../../../matrix/events.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import { silent } from '../../protocol/push-rules/evaluate.ts';
import { isBumpEvent } from '../../protocol/sync/bump-events.ts';
import { threadOf } from '../../protocol/threads.ts';
import { eventMarks, putEvent } from '../../storage/user-sync/ring.ts';
import { putState } from '../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { DeliveredEvent, RoomDelta } from '../room-rpc.ts';
import { countEvent, readUpTo } from './notification-counts.ts';
import { flagsOf, pushVerdict } from './push-flags.ts';
import { queuePushes } from './queue-pushes.ts';
import type { UserContext } from './user-context.ts';

/**
 * Puts events into the ring and draws the room's row along.
 * @returns whether the user joined by one of them
 */
export function applyEvents(
  user: UserContext,
  room: RoomRow,
  events: readonly DeliveredEvent[],
  {
    membership,
    summary,
    snapshot,
    members,
  }: Pick<RoomDelta, 'membership' | 'summary' | 'snapshot' | 'members'>,
  nowMs: number,
): boolean {
  // A snapshot has the state in force, which need not be what the latest events say, but few of the members.
  const settled =
    snapshot && new Set([...snapshot.state, ...members].filter(isMember).map((own) => own.state_key));
  const isSettled = (event: ClientEvent) =>
    settled !== undefined && (!isMember(event) || settled.has(event.state_key ?? ''));
  const joinedBy = events.findLastIndex(({ event }) => isOwnJoin(event, user.userId));
  events.forEach((delivered, index) => {
    const { event } = delivered;
    const position = user.stream.next();
    // What was said before one came in is history, not news.
    const counts = membership === 'join' && index > joinedBy && event.sender !== user.userId;
    const verdict = counts ? pushVerdict(user, room, event, summary.joinedCount) : silent;
    const flags = flagsOf(verdict);
    const threadId = threadOf(event.content) ?? null;
    putEvent(user.sqlite, room.roomId, {
      roomPosition: delivered.position,
      position,
      eventId: event.event_id,
      flags,
      threadId,
      txnDeviceId: delivered.transaction?.deviceId ?? null,
      txnId: delivered.transaction?.txnId ?? null,
      event,
    });
    room.eventAt = position;
    if (isBumpEvent(event.type)) room.bumpStamp = position;
    if (event.state_key !== undefined && !isSettled(event)) {
      applyStateEvent(user, room, event as StateEvent, position);
    }
    if (flags !== 0) {
      room.unread = countEvent(room.unread, { flags, threadId });
      room.countsAt = position;
    }
    if (verdict.notify) {
      const { roomId } = room;
      const { event_id: eventId, type, origin_server_ts: originServerTs } = event;
      const place = { position, roomId, roomPosition: delivered.position, threadId };
      queuePushes(user, { ...place, eventId, type, originServerTs, verdict }, nowMs);
    }
    if (index === joinedBy) readAll(room, delivered.position, position);
    else if (event.sender === user.userId) readOwn(user, room, delivered.position, threadId, position);
  });
  return joinedBy >= 0;
}

function applyStateEvent(user: UserContext, room: RoomRow, event: StateEvent, position: number): void {
  putState(user.sqlite, room.roomId, event, position);
  room.stateAt = position;
  if (event.state_key !== '') return;
  if (event.type === 'm.room.encryption') room.encrypted = true;
  if (event.type === 'm.room.create') {
    room.roomType = typeof event.content.type === 'string' ? event.content.type : null;
  }
}

const isMember = (event: ClientEvent) => event.type === 'm.room.member';

function readAll(room: RoomRow, roomPosition: number, position: number): void {
  room.unread = { main: [0, 0], threads: {}, read: roomPosition, readThreads: {} };
  room.countsAt = position;
}

/** "…or by sending an event": one's own message reads its timeline up to itself. */
function readOwn(
  user: UserContext,
  room: RoomRow,
  roomPosition: number,
  threadId: string | null,
  position: number,
): void {
  const { main, threads } = room.unread;
  const unread = threadId === null ? main[0] : (threads[threadId]?.[0] ?? 0);
  if (unread === 0) return;
  room.unread = readUpTo(room.unread, roomPosition, threadId ?? 'main', eventMarks(user.sqlite, room.roomId));
  room.countsAt = position;
}

function isOwnJoin(event: ClientEvent, userId: string): boolean {
  if (event.type !== 'm.room.member' || event.state_key !== userId) return false;
  if (event.content.membership !== 'join') return false;
  const previous = event.unsigned?.prev_content;
  return !(isJsonObject(previous) && previous.membership === 'join');
}
