import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { PushVerdict } from '../../protocol/push-rules/evaluate.ts';
import { insertPush } from '../../storage/user-sync/pushes.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import type { UserContext } from './user-context.ts';

/** What is older is not news: it came by a snapshot, or an outage was long. */
export const maxPushAgeMs = 24 * 60 * 60 * 1000;
/** Reading goes from room to room: apps are told once it pauses. */
const badgeDelayMs = 1_000;

export interface Notifying {
  position: number;
  roomId: string;
  /** 0: an invitation. */
  roomPosition: number;
  threadId: string | null;
  eventId: string;
  type: string;
  originServerTs: number;
  verdict: PushVerdict;
}

/**
 * Notes an event that notifies for every pusher, in the transaction that takes it in. `send-pushes.ts` sends
 * it. Without pushers nothing is written.
 */
export function queuePushes(user: UserContext, event: Notifying, nowMs: number): void {
  if (event.originServerTs < nowMs - maxPushAgeMs) return;
  const pushers = user.pushers.active;
  for (const pusher of pushers) {
    insertPush(user.sqlite, {
      pusher,
      position: event.position,
      roomId: event.roomId,
      roomPosition: event.roomPosition,
      threadId: event.threadId,
      eventId: event.eventId,
      tweaks: JSON.stringify(tweaksOf(event.verdict)),
      high: isUrgent(event) ? 1 : 0,
      createdMs: nowMs,
    });
  }
  if (pushers.length > 0) user.due.schedule('push', nowMs);
}

/** A room is no longer news: apps that show a number learn of it soon. */
export function noteRead(user: UserContext, before: RoomRow | undefined, room: RoomRow, nowMs: number): void {
  if (!before || !isUnread(before) || isUnread(room)) return;
  if (user.pushers.active.length > 0) user.due.schedule('push', nowMs + badgeDelayMs);
}

function isUnread({ membership, unread }: RoomRow): boolean {
  if (membership === 'invite') return true;
  return membership === 'join' && (unread.main[0] > 0 || Object.keys(unread.threads).length > 0);
}

function tweaksOf({ actions }: PushVerdict): JsonObject {
  const tweaks: JsonObject = {};
  for (const action of actions) {
    if (isJsonObject(action) && typeof action.set_tweak === 'string') {
      tweaks[action.set_tweak] = action.value ?? true;
    }
  }
  return tweaks;
}

/** The server cannot judge what is encrypted, so the app is woken to do it. */
function isUrgent({ type, verdict }: Notifying): boolean {
  return verdict.highlight || verdict.sound !== undefined || type === 'm.room.encrypted';
}
