import type { Membership } from '../../../../../matrix/events.ts';
import { serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { Presence } from '../../../protocol/sync/presence.ts';
import {
  deletePresence,
  deletePresenceElsewhere,
  findPresence,
} from '../../../storage/user-sync/presence.ts';
import type { DeliveredEvent, RoomDelta } from '../../room-rpc.ts';
import type { ToldPresence } from '../../user-sync-rpc.ts';
import type { UserContext } from '../user-context.ts';
import { ownPresence, tellServersSoon } from './own-presence.ts';
import { learn } from './tell-presence.ts';

/** More are asked about anew. */
const maxStrangers = 10_000;

/**
 * Follows who of other servers shares a room. Their servers tell their presence to this server as a whole, so whom it
 * concerns is found out when it comes; here is noted only what changes that.
 */
export function meetElsewhere(
  user: UserContext,
  delta: RoomDelta,
  events: readonly DeliveredEvent[],
  membershipBefore: Membership | undefined,
  nowMs: number,
): void {
  const { presence } = user;
  if (!presence) return;
  if ((delta.membership === 'join') !== (membershipBefore === 'join')) {
    presence.strangers.clear();
    if (delta.membership === 'join') tellServersSoon(user, undefined, nowMs);
    else forgetAll(user);
    return;
  }
  for (const { event } of events) {
    const userId = event.state_key as UserId | undefined;
    if (event.type !== 'm.room.member' || userId === undefined || !presence.isElsewhere(userId)) continue;
    if (event.content.membership === 'join') {
      presence.strangers.delete(userId);
      if (ownPresence(user).state !== 'offline') tellServersSoon(user, serverNameOf(userId), nowMs);
    } else if (findPresence(user.sqlite, userId)) {
      // If they share another room, it is found out when their server tells more.
      user.stream.keep();
      deletePresence(user.sqlite, userId);
    }
  }
}

function forgetAll(user: UserContext): void {
  user.stream.keep();
  deletePresenceElsewhere(user.sqlite, serverNameOf(user.userId));
}

/**
 * What another server tells of its users.
 * @param confirmed those of them of whom it has been found out that they share a room
 * @returns those of whom it is not known
 */
export function learnPresence(
  user: UserContext,
  told: readonly ToldPresence[],
  confirmed: readonly UserId[],
): UserId[] {
  const { presence } = user;
  if (!presence) return [];
  return user.sqlite.transaction(() =>
    told.flatMap(({ userId, ...state }) => {
      if (confirmed.includes(userId) || findPresence(user.sqlite, userId)) {
        presence.strangers.delete(userId);
        learn(user, userId, state, false);
        return [];
      }
      if (presence.strangers.has(userId)) return [];
      if (presence.strangers.size >= maxStrangers) presence.strangers.clear();
      presence.strangers.add(userId);
      return [userId];
    }),
  );
}

/** What is known of somebody of another server. */
export function knownPresence(user: UserContext, userId: UserId): Presence | undefined {
  return findPresence(user.sqlite, userId);
}
