import type { ClientEvent } from '../../../../../matrix/events.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { matchesEventFilter, matchesRoomFilter } from '../../../protocol/filter.ts';
import { receiptEvent } from '../../../protocol/sync/receipt-event.ts';
import { showEvent, type Viewer } from '../../../protocol/sync/shown-event.ts';
import { formatRoomToken } from '../../../protocol/sync/sync-token.ts';
import type { AccountDataRow } from '../../../storage/user-sync/account-data.ts';
import type { ReceiptRow } from '../../../storage/user-sync/receipts.ts';
import type { RoomRow } from '../../../storage/user-sync/rooms.ts';
import { totalUnread } from '../notification-counts.ts';
import { readTimeline, type Timeline } from '../timeline.ts';
import type { UserContext } from '../user-context.ts';
import { roomState } from './room-state.ts';
import type { SyncRequest } from './sync-request.ts';

/** Without a limit in the filter. */
const defaultTimelineLimit = 10;

/** What changed in a room beside its own row. */
export interface RoomChanges {
  receipts: ReceiptRow[];
  accountData: AccountDataRow[];
}

/**
 * One room of the section `join` or `leave`.
 * @param fresh the client knows nothing of the room yet, or knew it before a change of membership
 * @returns nothing if there is nothing to tell
 */
export function roomEntry(
  user: UserContext,
  room: RoomRow,
  request: SyncRequest,
  viewer: Viewer,
  changes: RoomChanges,
  fresh: boolean,
): JsonObject | undefined {
  const since = fresh ? 0 : request.since;
  const timeline = filteredTimeline(user, room, request, since);
  const state = roomState(user, room, request, timeline, since);
  const shownState = state.map((event) => showEvent(event, viewer));
  const accountData = changes.accountData
    .filter(({ type }) => passesEphemeral(request.filter.room?.account_data, room.roomId, type))
    .map(({ type, content }) => ({ type, content: JSON.parse(content) as JsonObject }));
  // What was said before the joining is nothing that the client could have missed: its timeline begins anew.
  const joinsAnew = fresh && !request.initial && !beginsWithRoom(timeline);
  const entry: JsonObject = {
    timeline: {
      events: timeline.rows.map((row) => showEvent(row.event, viewer, row)) as unknown as JsonObject[],
      limited: timeline.limited || joinsAnew,
      prev_batch: formatRoomToken(timeline.startsBehind),
    },
    ...stateMembers(shownState, request.stateAfter),
    account_data: { events: accountData },
  };
  const empty = timeline.rows.length === 0 && state.length === 0 && accountData.length === 0;
  if (room.membership !== 'join') return empty && !fresh && room.memberAt <= since ? undefined : entry;

  const ephemeral = ephemeralEvents(room, request, changes.receipts, since);
  const quiet = room.summaryAt <= since && room.countsAt <= since && ephemeral.length === 0;
  if (empty && quiet && !fresh && !request.fullState && !timeline.limited) return undefined;
  return {
    ...entry,
    ephemeral: { events: ephemeral },
    ...(fresh || request.fullState || room.summaryAt > since ? { summary: summaryOf(room) } : {}),
    ...unreadMembers(room, request),
  };
}

function beginsWithRoom({ rows }: Timeline): boolean {
  return rows[0]?.event.type === 'm.room.create';
}

function filteredTimeline(user: UserContext, room: RoomRow, request: SyncRequest, since: number): Timeline {
  const filter = request.filter.room?.timeline;
  const limit = Math.min(filter?.limit ?? defaultTimelineLimit, 1000);
  if (!matchesRoomFilter(room.roomId, filter)) {
    return { rows: [], limited: false, startsBehind: room.roomPosition };
  }
  const selective = filter && Object.keys(filter).some((name) => name !== 'limit');
  const passes = selective ? (event: ClientEvent) => matchesEventFilter(event, filter) : undefined;
  if (since >= room.eventAt) return { rows: [], limited: false, startsBehind: room.roomPosition };
  return readTimeline(user, room, since, limit, passes);
}

/** Both names: clients of the unstable one look only for that (MSC4222). */
function stateMembers(events: ClientEvent[], after: boolean): JsonObject {
  const section = { events: events as unknown as JsonObject[] };
  return after ? { state_after: section, 'org.matrix.msc4222.state_after': section } : { state: section };
}

function summaryOf(room: RoomRow): JsonObject {
  return {
    'm.heroes': room.heroes,
    'm.joined_member_count': room.joinedCount,
    'm.invited_member_count': room.invitedCount,
  };
}

function ephemeralEvents(
  room: RoomRow,
  request: SyncRequest,
  receipts: ReceiptRow[],
  since: number,
): JsonObject[] {
  const filter = request.filter.room?.ephemeral;
  const events: JsonObject[] = [];
  if (receipts.length > 0 && passesEphemeral(filter, room.roomId, 'm.receipt')) {
    events.push(receiptEvent(receipts));
  }
  // Who came back to a room may have seen somebody type before.
  const typing =
    (since === 0 && room.typing.length > 0) || (!request.initial && room.typingAt > request.since);
  if (typing && passesEphemeral(filter, room.roomId, 'm.typing')) {
    events.push({ type: 'm.typing', content: { user_ids: room.typing } });
  }
  return events;
}

function passesEphemeral(
  filter: Parameters<typeof matchesEventFilter>[1],
  roomId: string,
  type: string,
): boolean {
  return matchesRoomFilter(roomId, filter) && matchesEventFilter({ type, content: {} }, filter);
}

function unreadMembers(room: RoomRow, request: SyncRequest): JsonObject {
  if (request.filter.room?.timeline?.unread_thread_notifications) {
    const [notifications, highlights] = room.unread.main;
    const threads = Object.entries(room.unread.threads).map(([root, [count, highlight]]) => [
      root,
      { notification_count: count, highlight_count: highlight },
    ]);
    return {
      unread_notifications: { notification_count: notifications, highlight_count: highlights },
      ...(threads.length > 0 && { unread_thread_notifications: Object.fromEntries(threads) }),
    };
  }
  const { notifications, highlights } = totalUnread(room.unread);
  return { unread_notifications: { notification_count: notifications, highlight_count: highlights } };
}
