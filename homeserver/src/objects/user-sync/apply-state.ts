import type { StateEvent } from '../../../../matrix/events.ts';
import { unflagEvent, updateEvent } from '../../storage/user-sync/ring.ts';
import {
  allState,
  deleteStateEntry,
  putState,
  stateEventIds,
  updateStateEvent,
} from '../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { RoomDelta } from '../room-rpc.ts';
import { uncountEvent } from './notification-counts.ts';
import type { UserContext } from './user-context.ts';

/**
 * Makes the cached state that of the snapshot. What the snapshot lacks is forgotten: members may have
 * changed unseen, and the room sends along those that are needed.
 */
export function applySnapshotState(user: UserContext, room: RoomRow, delta: RoomDelta): void {
  const state = [...(delta.snapshot?.state ?? []), ...delta.members];
  const wanted = new Set(state.map(entryOf));
  const known = new Map<string, string>();
  for (const { event } of allState(user.sqlite, room.roomId)) {
    known.set(entryOf(event), event.event_id);
    if (!wanted.has(entryOf(event))) deleteStateEntry(user.sqlite, room.roomId, event.type, event.state_key);
  }
  const changed = state.filter((event) => known.get(entryOf(event)) !== event.event_id);
  if (changed.length === 0) return;
  const position = user.stream.next();
  for (const event of changed) putState(user.sqlite, room.roomId, event, position);
  room.stateAt = position;
  const create = state.find((event) => event.type === 'm.room.create');
  room.roomType = typeof create?.content.type === 'string' ? create.content.type : room.roomType;
  room.encrypted ||= state.some(isEncryption);
}

/**
 * Keeps the members that came along. One that is new to the cache has not changed, so it gets no position:
 * only those who look for it find it.
 */
export function applyMembers(user: UserContext, room: RoomRow, delta: RoomDelta): void {
  if (delta.membership === 'invite' || delta.membership === 'knock') return;
  const entries = delta.members.map(({ type, state_key: stateKey }) => [type, stateKey] as const);
  const ids = stateEventIds(user.sqlite, room.roomId, entries);
  for (const [index, event] of delta.members.entries()) {
    const known = ids[index];
    if (known === event.event_id) continue;
    const position = known === undefined ? 0 : user.stream.next();
    putState(user.sqlite, room.roomId, event, position);
    if (position > 0) room.stateAt = position;
  }
}

/** Where branches of the room met, the state may be another than the events say that came along. */
export function applyCorrections(user: UserContext, room: RoomRow, { corrections }: RoomDelta): void {
  if (!corrections) return;
  const position = user.stream.next();
  for (const event of corrections.set) putState(user.sqlite, room.roomId, event, position);
  for (const { type, stateKey } of corrections.removed) {
    deleteStateEntry(user.sqlite, room.roomId, type, stateKey);
  }
  room.encrypted ||= corrections.set.some(isEncryption);
  room.stateAt = position;
}

/**
 * Redacted or aggregated anew: clients learn it from the event that did it, so nobody is woken. What was
 * redacted unread counts no more.
 */
export function applyUpdated(user: UserContext, room: RoomRow, delta: RoomDelta): void {
  for (const event of delta.updated) {
    if (event.unsigned?.redacted_because !== undefined) {
      const mark = unflagEvent(user.sqlite, delta.roomId, event.event_id);
      const unread = mark && uncountEvent(room.unread, mark);
      if (unread && unread !== room.unread) {
        room.unread = unread;
        room.countsAt = user.stream.next();
      }
    }
    updateEvent(user.sqlite, delta.roomId, event);
    if (event.state_key !== undefined) updateStateEvent(user.sqlite, delta.roomId, event as StateEvent);
  }
}

const isEncryption = (event: StateEvent) => event.type === 'm.room.encryption' && event.state_key === '';

const entryOf = (event: StateEvent) => `${event.type}\n${event.state_key}`;
