import type { RoomExtension, SlidingRequest } from '../../../../protocol/sync/sliding-request.ts';
import type { RoomRow } from '../../../../storage/user-sync/rooms.ts';
import type { RoomAnswer } from '../room-response.ts';
import type { WantedRooms } from '../wanted-rooms.ts';

/** What the extensions that speak of rooms have to know. */
export interface ExtensionScope {
  request: SlidingRequest;
  wanted: WantedRooms;
  /** Stream position of the connection; 0 if it is new. */
  since: number;
  isNew: boolean;
  answers: ReadonlyMap<string, RoomAnswer>;
}

/**
 * Rooms that an extension speaks of: those in the windows of its lists and those of its subscriptions,
 * whether or not they changed otherwise. `*`, the default, stands for all.
 */
export function roomsOf(extension: RoomExtension, { request, wanted }: ExtensionScope): RoomRow[] {
  const lists = extension.lists ?? ['*'];
  const rooms = extension.rooms ?? ['*'];
  return [...wanted.rooms.values()].filter((room) => {
    const subscribed = Object.hasOwn(request.room_subscriptions, room.roomId);
    if (subscribed && (rooms.includes('*') || rooms.includes(room.roomId))) return true;
    return [...wanted.windows].some(
      ([key, window]) => (lists.includes('*') || lists.includes(key)) && window.contains(room),
    );
  });
}

/** The client has all to learn of this room: it is new to it, or was passed over for a while. */
export function isWhole(room: RoomRow, { answers, since }: ExtensionScope): boolean {
  const answer = answers.get(room.roomId);
  return answer !== undefined && (answer.initial || answer.told < since);
}
