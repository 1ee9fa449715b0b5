import { createHash } from 'node:crypto';
import {
  combineConfigs,
  type RoomConfig,
  type SlidingList,
  type SlidingRequest,
  type StatePair,
} from '../../../protocol/sync/sliding-request.ts';
import { accountDataSince, roomsWithAccountData } from '../../../storage/user-sync/account-data.ts';
import { receiptsSince } from '../../../storage/user-sync/receipts.ts';
import { findRoom, type RoomRow, roomsChangedSince } from '../../../storage/user-sync/rooms.ts';
import type { UserContext } from '../user-context.ts';
import type { Connection, ConnectionState } from './connections.ts';
import { endOfTime, type ListWindow, listWindow } from './lists.ts';

/** The rooms that an answer has to look at, and what the request asks of each. */
export interface WantedRooms {
  windows: ReadonlyMap<string, ListWindow>;
  /** Every room that changed behind the connection's position, in or out of the windows. */
  changed: ReadonlySet<string>;
  /** Rooms to look at: changed, new in a window, or newly subscribed to. */
  rooms: ReadonlyMap<string, RoomRow>;
  /** All that the lists show or that are subscribed to. */
  everyRoom(): RoomRow[];
  /** What lists and subscriptions together ask of a room; absent: it is in none. */
  configOf(room: RoomRow): RoomConfig | undefined;
  /** The connection's record of lists and subscriptions, once the answer has been given. */
  nextState: Pick<ConnectionState, 'lists' | 'subscriptions'>;
}

/**
 * Finds them without looking at rooms that cannot have anything new: a list that was sent down to a
 * threshold has news only in rooms that changed, and in those that its window has come to include.
 */
export function wantedRooms(user: UserContext, connection: Connection, request: SlidingRequest): WantedRooms {
  const rooms = new Map<string, RoomRow>();
  const changed = changedRooms(user, connection);
  for (const room of changed.values()) rooms.set(room.roomId, room);

  const windows = new Map<string, ListWindow>();
  const lists: ConnectionState['lists'] = {};
  for (const [key, list] of Object.entries(request.lists)) {
    const window = listWindow(user, list);
    windows.set(key, window);
    const hash = hashOf([list.timeline_limit, list.required_state, filterHash(user, list)]);
    const sent = connection.state.lists[key];
    const sentDownTo = sent?.hash === hash ? sent.threshold : endOfTime;
    if (window.threshold < sentDownTo || window.threshold === endOfTime) {
      for (const room of window.roomsBefore(sentDownTo)) rooms.set(room.roomId, room);
    }
    lists[key] = { hash, threshold: nextThreshold(window, sentDownTo, changed.values()) };
  }
  const subscriptions = subscribe(user, connection, request, rooms);

  const configs = new Map(Object.entries(request.lists).map(([key, list]) => [key, configFrom(list)]));
  const configOf = (room: RoomRow): RoomConfig | undefined => {
    const asked = [...windows].flatMap(([key, window]) =>
      window.contains(room) ? (configs.get(key) ?? []) : [],
    );
    const subscription = request.room_subscriptions[room.roomId];
    if (subscription && isOpen(room)) asked.push(configFrom(subscription));
    return asked.length === 0 ? undefined : combineConfigs(asked);
  };
  const everyRoom = () => {
    const shown = [...windows.values()].flatMap((window) => window.roomsBefore(endOfTime));
    const subscribed = subscriptions.rooms.flatMap((roomId) => findRoom(user.sqlite, roomId) ?? []);
    const all = [...shown, ...subscribed.filter(isOpen)];
    return [...new Map(all.map((room) => [room.roomId, room])).values()];
  };
  const nextState = { lists, subscriptions };
  return { windows, changed: new Set(changed.keys()), rooms, everyRoom, configOf, nextState };
}

/** A room that changed below the window was passed over, so the list is whole only down to the window. */
function nextThreshold(window: ListWindow, sentDownTo: number, changed: Iterable<RoomRow>): number {
  const lowest = Math.min(window.threshold, sentDownTo);
  for (const room of changed) {
    if (room.eventAt >= lowest && !window.contains(room)) return window.threshold;
  }
  return lowest;
}

/** A room that was left may not be subscribed to, nor may one that was never known (C3, R12). */
function isOpen(room: RoomRow): boolean {
  return room.listed && room.membership !== 'ban' && room.membership !== 'leave';
}

function changedRooms(user: UserContext, { isNew, since }: Connection): Map<string, RoomRow> {
  const changed = new Map<string, RoomRow>();
  if (isNew) return changed;
  for (const room of roomsChangedSince(user.sqlite, since)) changed.set(room.roomId, room);
  const others = [...receiptsSince(user.sqlite, since), ...accountDataSince(user.sqlite, since)];
  for (const { roomId } of others) {
    if (roomId === '' || changed.has(roomId)) continue;
    const room = findRoom(user.sqlite, roomId);
    if (room) changed.set(roomId, room);
  }
  return changed;
}

/** Rooms whose subscription began, ended or changed are looked at as well. */
function subscribe(
  user: UserContext,
  { state }: Connection,
  request: SlidingRequest,
  rooms: Map<string, RoomRow>,
): ConnectionState['subscriptions'] {
  const wanted = Object.keys(request.room_subscriptions).sort();
  const hash =
    wanted.length === 0 ? '' : hashOf(wanted.map((roomId) => [roomId, request.room_subscriptions[roomId]]));
  if (hash === state.subscriptions.hash) return state.subscriptions;
  for (const roomId of new Set([...wanted, ...state.subscriptions.rooms])) {
    const room = rooms.get(roomId) ?? findRoom(user.sqlite, roomId);
    if (room) rooms.set(roomId, room);
  }
  return { rooms: wanted, hash };
}

/** Includes what may bring old rooms into the list although nothing happened in them. */
function filterHash(user: UserContext, { filters }: SlidingList): unknown[] {
  if (!filters) return [];
  const tagged = filters.tags || filters.not_tags ? roomsWithAccountData(user.sqlite, 'm.tag') : [];
  return [
    filters,
    filters.is_dm == null ? 0 : user.known.get('m.direct').position,
    Math.max(0, ...tagged.map((row) => row.position)),
    (filters.spaces ?? []).map((space) => findRoom(user.sqlite, space)?.stateAt ?? 0),
  ];
}

function configFrom(config: { timeline_limit: number; required_state: StatePair[] }): RoomConfig {
  return { timelineLimit: config.timeline_limit, requiredState: config.required_state };
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12);
}
