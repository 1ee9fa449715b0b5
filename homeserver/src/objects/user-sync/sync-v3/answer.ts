import type { RoomId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { matchesEventFilter, matchesRoomFilter } from '../../../protocol/filter.ts';
import type { Viewer } from '../../../protocol/sync/shown-event.ts';
import { formatSyncToken } from '../../../protocol/sync/sync-token.ts';
import { accountDataOf, accountDataSince } from '../../../storage/user-sync/account-data.ts';
import { receiptsOf, receiptsOfUser, receiptsSince } from '../../../storage/user-sync/receipts.ts';
import { allRooms, findRoom, type RoomRow, roomsChangedSince } from '../../../storage/user-sync/rooms.ts';
import { deviceListsSince, keyCounts } from '../encryption-info.ts';
import { presenceEvents } from '../presence/presence-events.ts';
import { currentPushRules } from '../push-flags.ts';
import { toDeviceLimit, toDeviceSince } from '../to-device.ts';
import type { UserContext } from '../user-context.ts';
import { inviteEntry } from './invite-entry.ts';
import { type RoomChanges, roomEntry } from './room-entry.ts';
import { lacksMembers } from './room-state.ts';
import type { SyncRequest } from './sync-request.ts';

/** Receipts of others in a first sync: in large rooms nobody needs them all. */
const maxReceipts = 500;

export interface SyncAnswer {
  body: JsonObject;
  /** Nothing to tell: a client that can wait is left waiting. */
  empty: boolean;
  /** Joined rooms whose state lacks members, since the client loads them all. */
  incomplete: RoomId[];
}

type Sections = Record<'join' | 'invite' | 'knock' | 'leave', JsonObject>;

/** Client-server API, "Syncing". Reads what changed, whatever the number of rooms; writes nothing. */
export function answerSync(user: UserContext, request: SyncRequest, viewer: Viewer): SyncAnswer {
  const { filter, since, initial } = request;
  const global = globalAccountData(user, request);
  const toDevice = toDeviceSince(user, viewer.deviceId, request.toDeviceSince, toDeviceLimit);
  const lists = initial ? { changed: [], left: [] } : deviceListsSince(user, since);
  const rooms: Sections = { join: {}, invite: {}, knock: {}, leave: {} };
  const incomplete: RoomId[] = [];
  for (const [room, changes] of changedRooms(user, request)) {
    if (!matchesRoomFilter(room.roomId, filter.room)) continue;
    const section = sectionOf(room, request);
    if (!section) continue;
    const isEager = filter.room?.state?.lazy_load_members !== true;
    if (section === 'join' && isEager && room.wholeAt < 0) continue;
    const fresh = initial || room.memberAt > since || (isEager && room.wholeAt > since);
    const entry =
      section === 'invite' || section === 'knock'
        ? inviteEntry(room, section)
        : roomEntry(user, room, request, viewer, changes, section === 'join' && fresh);
    if (!entry) continue;
    rooms[section][room.roomId] = entry;
    const whole = fresh || request.fullState;
    if (section === 'join' && lacksMembers(user, room, request, whole)) incomplete.push(room.roomId);
  }
  const told = Object.fromEntries(Object.entries(rooms).filter(([, entries]) => !isEmpty(entries)));
  const presence = presenceEvents(user, request, viewer.nowMs);
  const empty =
    isEmpty(told) &&
    presence.length === 0 &&
    global.length === 0 &&
    toDevice.events.length === 0 &&
    lists.changed.length + lists.left.length === 0;
  const token = {
    position: user.stream.last,
    toDevicePosition: toDevice.more ? toDevice.position : user.stream.last,
  };
  const body: JsonObject = {
    next_batch: formatSyncToken(token, user.stream.tag),
    ...(global.length > 0 && { account_data: { events: global } }),
    ...(!isEmpty(told) && { rooms: told }),
    ...(presence.length > 0 && { presence: { events: presence } }),
    ...(toDevice.events.length > 0 && { to_device: { events: toDevice.events } }),
    ...(lists.changed.length + lists.left.length > 0 && { device_lists: lists }),
    ...keyCounts(user, viewer.deviceId),
  };
  return { body, empty, incomplete };
}

function globalAccountData(user: UserContext, { initial, since, filter }: SyncRequest): JsonObject[] {
  const rows = initial ? accountDataOf(user.sqlite, '') : accountDataSince(user.sqlite, since);
  const events: JsonObject[] = rows
    .filter((row) => row.roomId === '' && row.type !== 'm.push_rules')
    .map(({ type, content }) => ({ type, content: JSON.parse(content) as JsonObject }));
  if (initial || rows.some((row) => row.roomId === '' && row.type === 'm.push_rules')) {
    events.push({ type: 'm.push_rules', content: { global: currentPushRules(user) } });
  }
  return events.filter((event) =>
    matchesEventFilter(
      { type: event.type as string, content: event.content as JsonObject },
      filter.account_data,
    ),
  );
}

/** Rooms to look at, with what changed in them beside their own row. */
function changedRooms(user: UserContext, request: SyncRequest): [RoomRow, RoomChanges][] {
  const { sqlite } = user;
  const everything = (room: RoomRow): RoomChanges => ({
    receipts: [
      ...receiptsOf(sqlite, room.roomId, maxReceipts),
      ...receiptsOfUser(sqlite, room.roomId, user.userId),
    ],
    accountData: accountDataOf(sqlite, room.roomId),
  });
  if (request.initial) return allRooms(sqlite).map((room) => [room, everything(room)]);

  const rooms = new Map<string, RoomRow>();
  const found = request.fullState ? allRooms(sqlite) : roomsChangedSince(sqlite, request.since);
  for (const room of found) rooms.set(room.roomId, room);
  const receipts = Map.groupBy(receiptsSince(sqlite, request.since), (row) => row.roomId);
  const accountData = Map.groupBy(accountDataSince(sqlite, request.since), (row) => row.roomId);
  for (const roomId of [...receipts.keys(), ...accountData.keys()]) {
    if (roomId === '' || rooms.has(roomId)) continue;
    const room = findRoom(sqlite, roomId);
    if (room) rooms.set(roomId, room);
  }
  return [...rooms.values()].map((room) => [
    room,
    Math.max(room.memberAt, room.wholeAt) > request.since
      ? everything(room)
      : { receipts: receipts.get(room.roomId) ?? [], accountData: accountData.get(room.roomId) ?? [] },
  ]);
}

function sectionOf(room: RoomRow, request: SyncRequest): keyof Sections | undefined {
  const changed = request.initial || request.fullState || room.memberAt > request.since;
  switch (room.membership) {
    case 'join':
      return 'join';
    case 'invite':
    case 'knock':
      return changed ? room.membership : undefined;
    case 'leave':
    case 'ban':
      if (request.resync ? !room.forgotten : room.memberAt > request.since && !request.initial)
        return 'leave';
      return changed && isLeaveWanted(request) && !room.forgotten ? 'leave' : undefined;
    default:
      return room.membership satisfies never;
  }
}

const isLeaveWanted = (request: SyncRequest) => request.filter.room?.include_leave === true;

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
