import { type Denial, denial, MatrixError } from '../../../../matrix/errors.ts';
import type { EventId, RoomId } from '../../../../matrix/identifiers.ts';
import { findRoom } from '../../storage/user-sync/rooms.ts';
import {
  findThreadSubscription,
  putThreadSubscription,
  type ThreadSubscriptionRow,
  threadSubscriptionsBetween,
} from '../../storage/user-sync/thread-subscriptions.ts';
import type { ThreadSubscription, ThreadSubscriptionsPage } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

/** Thread subscriptions (MSC4306). Threads and causes have been checked by the caller. */

export function threadSubscription(
  user: UserContext,
  roomId: RoomId,
  threadId: EventId,
): ThreadSubscription | undefined {
  const row = findThreadSubscription(user.sqlite, roomId, threadId);
  return row?.subscribed ? { automatic: row.automatic } : undefined;
}

/**
 * A subscription by hand stands above an automatic one, and so does unsubscribing above events of before it.
 * @param causedAt position of the event that made a client subscribe by itself; absent: the user did it
 */
export function subscribeToThread(
  user: UserContext,
  roomId: RoomId,
  threadId: EventId,
  causedAt?: number,
): { kind: 'done' } | Denial {
  const automatic = causedAt !== undefined;
  const row = findThreadSubscription(user.sqlite, roomId, threadId);
  if (row?.subscribed && (automatic || !row.automatic)) return { kind: 'done' };
  if (row && !row.subscribed && automatic && causedAt <= row.unsubscribedAt) return denial(conflict());
  const position = user.stream.next();
  const subscription = { position, subscribed: true, automatic, unsubscribedAt: 0 };
  putThreadSubscription(user.sqlite, { roomId, threadId, ...subscription });
  return { kind: 'done' };
}

export function unsubscribeFromThread(user: UserContext, roomId: RoomId, threadId: EventId): void {
  const row = findThreadSubscription(user.sqlite, roomId, threadId);
  if (!row?.subscribed) return;
  const unsubscribedAt = findRoom(user.sqlite, roomId)?.roomPosition ?? 0;
  const position = user.stream.next();
  putThreadSubscription(user.sqlite, {
    ...row,
    position,
    subscribed: false,
    automatic: false,
    unsubscribedAt,
  });
}

/**
 * Changes behind `after` and before `before`, newest first, as MSC4308 shows them.
 * @param initial the client knows of no subscription: it need not hear what it is not subscribed to
 */
export function threadSubscriptionsPage(
  user: UserContext,
  range: { after: number; before: number },
  limit: number,
  initial = false,
): ThreadSubscriptionsPage {
  const rows = threadSubscriptionsBetween(user.sqlite, range.after, range.before, limit + 1);
  const shown = rows.slice(0, limit);
  const oldest = rows.length > limit ? shown.at(-1) : undefined;
  const subscribed = shown.filter((row) => row.subscribed);
  const unsubscribed = initial ? [] : shown.filter((row) => !row.subscribed);
  return {
    ...(subscribed.length > 0 && {
      subscribed: byRoom(subscribed, ({ position, automatic }) => ({ bump_stamp: position, automatic })),
    }),
    ...(unsubscribed.length > 0 && {
      unsubscribed: byRoom(unsubscribed, ({ position }) => ({ bump_stamp: position })),
    }),
    ...(oldest && { end: oldest.position }),
  };
}

function byRoom<T>(
  rows: readonly ThreadSubscriptionRow[],
  show: (row: ThreadSubscriptionRow) => T,
): Record<string, Record<string, T>> {
  const rooms: Record<string, Record<string, T>> = {};
  for (const row of rows) {
    rooms[row.roomId] ??= {};
    Object.assign(rooms[row.roomId] ?? {}, { [row.threadId]: show(row) });
  }
  return rooms;
}

const conflict = () =>
  new MatrixError(
    409,
    'IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION',
    'The user has unsubscribed after that event',
  );
