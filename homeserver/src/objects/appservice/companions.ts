import { mayAssertUser, type Registration } from '../../../../appservice/registration.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import {
  addCompanion,
  companionsOf,
  isCompanion,
  removeCompanion,
} from '../../storage/appservice/companions.ts';
import { hasUnknownMembers } from '../../storage/appservice/followed-rooms.ts';
import type { ServiceDelta } from '../room-rpc.ts';
import type { DeliveryQueue } from './delivery-queue.ts';

/** Entry of kind `device_list`. */
export interface QueuedDeviceList {
  userId: string;
  /** No room is shared any more. */
  left?: true;
}

interface Follower {
  sqlite: Sqlite;
  queue: DeliveryQueue;
  nowMs: number;
  registration: Registration;
  serverName: string;
}

/**
 * MSC3202: who newly shares a room with a user of the service has `changed`, who shares none any more has `left`.
 * Unlike for people all rooms count, encrypted or not: in those of a bridge nearly everybody is the service's own, and of
 * its own users nothing is kept here. Write section.
 * @param sharing whether a user of the service was in the room
 * @returns whether one is now
 */
export function followCompanions(follower: Follower, delta: ServiceDelta, sharing: boolean): boolean {
  if (delta.companions !== undefined) {
    setCompanions(follower, delta.roomId, delta.companions === 'apart' ? [] : delta.companions);
    return delta.companions !== 'apart';
  }
  if (!sharing) return false;
  for (const { event } of delta.events) {
    if (event.type !== 'm.room.member' || event.state_key === undefined) continue;
    if (mayAssertUser(follower.registration, event.state_key, follower.serverName)) continue;
    if (event.content.membership === 'join') meet(follower, event.state_key, delta.roomId);
    else part(follower, event.state_key, delta.roomId);
  }
  return true;
}

/** Whether a change of this user's devices concerns the service. */
export function sharesRoomWith(sqlite: Sqlite, userId: UserId): boolean {
  return isCompanion(sqlite, userId) || hasUnknownMembers(sqlite);
}

function setCompanions(follower: Follower, roomId: string, users: readonly string[]): void {
  const now = new Set(users);
  const before = new Set(companionsOf(follower.sqlite, roomId));
  for (const userId of before) if (!now.has(userId)) part(follower, userId, roomId);
  for (const userId of now) if (!before.has(userId)) meet(follower, userId, roomId);
}

function meet({ sqlite, queue, nowMs }: Follower, userId: string, roomId: string): void {
  if (addCompanion(sqlite, userId, roomId)) tell(queue, { userId }, nowMs);
}

function part({ sqlite, queue, nowMs }: Follower, userId: string, roomId: string): void {
  if (removeCompanion(sqlite, userId, roomId)) tell(queue, { userId, left: true }, nowMs);
}

function tell(queue: DeliveryQueue, news: QueuedDeviceList, nowMs: number): void {
  queue.add('device_list', news, nowMs);
}
