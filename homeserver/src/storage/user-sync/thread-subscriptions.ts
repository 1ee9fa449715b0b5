import type { EventId, RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `thread_subscriptions`: the latest change of each thread that was ever subscribed to or unsubscribed from. */

export interface ThreadSubscriptionRow {
  roomId: RoomId;
  threadId: EventId;
  /** Of the user's stream. */
  position: number;
  subscribed: boolean;
  automatic: boolean;
  /** Position of the room when the user unsubscribed; 0 while subscribed. */
  unsubscribedAt: number;
}

type Raw = {
  room_id: string;
  thread_id: string;
  position: number;
  subscribed: number;
  automatic: number;
  unsubscribed_at: number;
};

const parse = (raw: Raw): ThreadSubscriptionRow => ({
  roomId: raw.room_id as RoomId,
  threadId: raw.thread_id as EventId,
  position: raw.position,
  subscribed: raw.subscribed === 1,
  automatic: raw.automatic === 1,
  unsubscribedAt: raw.unsubscribed_at,
});

export function findThreadSubscription(
  sqlite: Sqlite,
  roomId: string,
  threadId: string,
): ThreadSubscriptionRow | undefined {
  const raw = sqlite.get<Raw>(
    'SELECT * FROM thread_subscriptions WHERE room_id = ? AND thread_id = ?',
    roomId,
    threadId,
  );
  return raw && parse(raw);
}

export function putThreadSubscription(sqlite: Sqlite, row: ThreadSubscriptionRow): void {
  sqlite.run(
    `INSERT INTO thread_subscriptions (room_id, thread_id, position, subscribed, automatic, unsubscribed_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (room_id, thread_id) DO UPDATE SET position = excluded.position, subscribed = excluded.subscribed,
       automatic = excluded.automatic, unsubscribed_at = excluded.unsubscribed_at`,
    row.roomId,
    row.threadId,
    row.position,
    row.subscribed ? 1 : 0,
    row.automatic ? 1 : 0,
    row.unsubscribedAt,
  );
}

/** Changes with `after` < position < `before`, newest first. */
export function threadSubscriptionsBetween(
  sqlite: Sqlite,
  after: number,
  before: number,
  limit: number,
): ThreadSubscriptionRow[] {
  return sqlite
    .all<Raw>(
      `SELECT * FROM thread_subscriptions INDEXED BY thread_subscriptions_by_position
       WHERE position > ? AND position < ? ORDER BY position DESC LIMIT ?`,
      after,
      before,
      limit,
    )
    .map(parse);
}

/** Whether the user is subscribed to a thread; nothing if they never had to do with subscriptions at all. */
export function isSubscribedToThread(sqlite: Sqlite, roomId: string, threadId: string): boolean | undefined {
  const row = sqlite.get<{ used: number; subscribed: number | null }>(
    `SELECT EXISTS (SELECT 1 FROM thread_subscriptions) AS used,
       (SELECT subscribed FROM thread_subscriptions WHERE room_id = ? AND thread_id = ?) AS subscribed`,
    roomId,
    threadId,
  );
  return row?.used === 1 ? row.subscribed === 1 : undefined;
}
