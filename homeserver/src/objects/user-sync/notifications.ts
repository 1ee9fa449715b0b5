import { showEvent } from '../../protocol/sync/shown-event.ts';
import { highlights, notifyingEvents, type RingRow } from '../../storage/user-sync/ring.ts';
import { joinedRoomsUntil, type RoomRow } from '../../storage/user-sync/rooms.ts';
import type { NotificationsPage, NotificationsQuery } from '../user-sync-rpc.ts';
import { isUnread } from './notification-counts.ts';
import { pushVerdict } from './push-flags.ts';
import type { UserContext } from './user-context.ts';

/** Rooms looked into for one page. */
const maxRooms = 100;

/**
 * `/notifications`: of the events that are kept of each room those that notified, newest first. A token is
 * a position of the stream; the page holds what is older.
 */
export function notifications(
  user: UserContext,
  { deviceId, ...query }: NotificationsQuery,
  nowMs: number,
): NotificationsPage {
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  const rooms = joinedRoomsUntil(user.sqlite, Number.MAX_SAFE_INTEGER, maxRooms + 1);
  const looked = rooms.slice(0, maxRooms);
  const found: { room: RoomRow; row: RingRow }[] = [];
  for (const room of looked) {
    // Rooms come by their last event, so nothing in this one or behind it is newer.
    if (found.filter(({ row }) => row.position > room.eventAt).length > query.limit) break;
    for (const row of notifyingEvents(user.sqlite, room.roomId, before)) {
      if (query.highlightsOnly && !(row.flags & highlights)) continue;
      if (row.roomPosition > room.ringStart) found.push({ room, row });
    }
  }
  found.sort((a, b) => b.row.position - a.row.position);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return {
    notifications: page.map(({ room, row }) => ({
      roomId: room.roomId,
      event: showEvent(row.event, { deviceId, nowMs }, row),
      ts: row.event.origin_server_ts,
      read: !isUnread(room.unread, row),
      actions: pushVerdict(user, room, row.event, room.joinedCount).actions,
    })),
    ...(found.length > page.length && last && { next: last.row.position }),
  };
}
