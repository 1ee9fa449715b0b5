import type { RoomExtension, SlidingRequest } from '../../../../protocol/sync/sliding-request.ts';
import type { RoomRow } from '../../../../storage/user-sync/rooms.ts';
import type { RoomAnswer } from '../room-response.ts';
import { hashOf, type WantedRooms } from '../wanted-rooms.ts';

/** What the extensions that speak of rooms have to know. */
export interface ExtensionScope {
  request: SlidingRequest;
  wanted: WantedRooms;
  /** Stream position of the connection; 0 if it is new. */
  since: number;
  isNew: boolean;
  answers: ReadonlyMap<string, RoomAnswer>;
  /** The connection goes on, but the extension begins, or speaks of other rooms than before. */
  isAskedAnew: boolean;
}

/** What `ConnectionState` records of the extensions that speak of rooms. */
export function askedExtensions({ extensions }: SlidingRequest): Record<string, string> {
  const { account_data, receipts, typing } = extensions;
  const asked = Object.entries({ account_data, receipts, typing }).flatMap(([name, extension]) =>
    extension?.enabled ? [[name, hashOf([extension.lists ?? '*', extension.rooms ?? '*'])]] : [],
  );
  return Object.fromEntries(asked);
}

/**
 * Rooms that an extension speaks of: those in the windows of its lists and those of its subscriptions,
 * whether or not they changed otherwise. `*`, the default, stands for all.
 */
export function roomsOf(
  extension: RoomExtension,
  { request, wanted, isAskedAnew }: ExtensionScope,
): RoomRow[] {
  const lists = extension.lists ?? ['*'];
  const rooms = extension.rooms ?? ['*'];
  const candidates = isAskedAnew ? wanted.everyRoom() : [...wanted.rooms.values()];
  return candidates.filter((room) => {
    const subscribed = Object.hasOwn(request.room_subscriptions, room.roomId);
    if (subscribed && (rooms.includes('*') || rooms.includes(room.roomId))) return true;
    return [...wanted.windows].some(
      ([key, window]) => (lists.includes('*') || lists.includes(key)) && window.contains(room),
    );
  });
}

/** The client has all to learn of this room: it is new to it, or was passed over for a while. */
export function isWhole(room: RoomRow, { answers, since, isAskedAnew }: ExtensionScope): boolean {
  if (isAskedAnew) return true;
  const answer = answers.get(room.roomId);
  return answer !== undefined && (answer.initial || answer.told < since);
}
