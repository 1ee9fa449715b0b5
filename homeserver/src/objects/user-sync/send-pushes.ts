import { log } from '../../../../platform/log.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import { backoffMs } from '../../../../platform/retry.ts';
import { gatewayUrl, pushNotification, wantsIdsOnly } from '../../protocol/push-rules/push-notification.ts';
import type { PushOutcome } from '../../services/push-gateway.ts';
import {
  activePushers,
  deletePusherRow,
  findPusher,
  type PusherRow,
  setHealth,
  setToldUnread,
} from '../../storage/user-sync/pushers.ts';
import { deletePush, deletePushesOf, type PushRow, pushesOf } from '../../storage/user-sync/pushes.ts';
import { countUnreadRooms, findRoom } from '../../storage/user-sync/rooms.ts';
import { isUnread } from './notification-counts.ts';
import { pushedEvent } from './pushed-event.ts';
import { maxPushAgeMs } from './queue-pushes.ts';
import type { UserContext } from './user-context.ts';

/** Sends one notification; it does not throw. */
export type Notify = (
  address: string,
  pushkey: string,
  notification: ReturnType<typeof pushNotification>,
) => Promise<PushOutcome>;

const backoff = { firstMs: 1_000, maxMs: 60 * 60 * 1000 };
/** A gateway that fails this long is not asked again until there is something new. */
const giveUpAfterMs = 24 * 60 * 60 * 1000;
/** Nobody wants a hundred notifications when a gateway comes back. */
const maxWaiting = 50;
/** Gateways asked at once: the runtime holds back more connections. */
const width = 4;

/**
 * The due work `push`. For each pusher that is not in its pause after a failure:
 * 1. its notifications, in order: dropped if the event was read meanwhile or is too old, else sent and then
 *    deleted. After a crash between the two, the gateway sees the event's id again and shows it once;
 * 2. the number of unread rooms, if it is now less than what the app was told.
 * A key that the gateway rejects ends its pusher.
 * @returns when it is due again
 */
export async function sendPushes(
  user: UserContext,
  notify: Notify,
  now: () => number,
): Promise<number | undefined> {
  const pushers = activePushers(user.sqlite);
  const next = await mapConcurrently(pushers, width, (pusher) => servePusher(user, pusher, notify, now));
  const dueMs = next.filter((ms) => ms !== undefined);
  return dueMs.length === 0 ? undefined : Math.min(...dueMs);
}

async function servePusher(
  user: UserContext,
  { pusher: id }: PusherRow,
  notify: Notify,
  now: () => number,
): Promise<number | undefined> {
  for (;;) {
    // Read anew each time: all may have changed while the gateway was asked.
    const pusher = findPusher(user.sqlite, id);
    if (!pusher) return undefined;
    const push = nextPush(user, pusher, now());
    const unread = countUnreadRooms(user.sqlite);
    if (!push && unread >= pusher.toldUnread) return undefined;
    if (pusher.nextMs > now()) return pusher.nextMs;
    const room = push && findRoom(user.sqlite, push.roomId);
    const pushed = push && room && pushedEvent(user, room, push, wantsIdsOnly(pusher));
    const notification = pushNotification(pusher, unread, pushed);
    const outcome = await notify(gatewayUrl(pusher), pusher.pushkey, notification);
    const current = findPusher(user.sqlite, id);
    if (!current) return undefined;
    // Set anew meanwhile, perhaps to another gateway: what the former one said does not count.
    if (current.setMs !== pusher.setMs && outcome.kind !== 'delivered') continue;
    user.sqlite.transaction(() => settle(user, current, push, unread, outcome, now()));
  }
}

function settle(
  user: UserContext,
  pusher: PusherRow,
  push: PushRow | undefined,
  unread: number,
  outcome: PushOutcome,
  nowMs: number,
): void {
  const { userId, sqlite } = user;
  const { pusher: id, appId, failures, failingSinceMs } = pusher;
  switch (outcome.kind) {
    case 'delivered':
      if (push) deletePush(sqlite, id, push.position);
      if (pusher.toldUnread !== unread) setToldUnread(sqlite, id, unread);
      if (failures > 0) setHealth(sqlite, id, { failures: 0, failingSinceMs: null, nextMs: 0 });
      return;
    case 'rejected':
      log('info', 'push.rejected', { userId, appId });
      deletePushesOf(sqlite, id);
      deletePusherRow(sqlite, id);
      user.pushers.forget();
      return;
    case 'failed': {
      const sinceMs = failingSinceMs ?? nowMs;
      const nextMs = nowMs + backoffMs(failures + 1, backoff);
      log('warn', 'push.failed', { userId, appId, failures: failures + 1, reason: outcome.reason });
      setHealth(sqlite, id, { failures: failures + 1, failingSinceMs: sinceMs, nextMs });
      // Nothing to tell but a number: when the gateway works again, the next event brings it.
      if (!push && nowMs - sinceMs > giveUpAfterMs) setToldUnread(sqlite, id, unread);
      return;
    }
    default:
      outcome satisfies never;
  }
}

/** The oldest notification that is still worth sending; those before it are deleted. */
function nextPush(user: UserContext, pusher: PusherRow, nowMs: number): PushRow | undefined {
  const waiting = pushesOf(user.sqlite, pusher.pusher);
  const surplus = waiting.length - maxWaiting;
  for (const [index, push] of waiting.entries()) {
    if (index >= surplus && push.createdMs >= nowMs - maxPushAgeMs && !isRead(user, push)) return push;
    deletePush(user.sqlite, pusher.pusher, push.position);
  }
  return undefined;
}

function isRead(user: UserContext, push: PushRow): boolean {
  const room = findRoom(user.sqlite, push.roomId);
  if (push.roomPosition === 0) return room?.membership !== 'invite';
  if (room?.membership !== 'join') return true;
  return !isUnread(room.unread, push);
}
