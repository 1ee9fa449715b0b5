import type { ClientEvent, Membership } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import { neverSeen } from '../../../protocol/sync/presence.ts';
import {
  findPresence,
  markAllUntold,
  putPresence,
  setUntold,
  untold,
} from '../../../storage/user-sync/presence.ts';
import type { DeliveredEvent, RoomDelta } from '../../room-rpc.ts';
import type { UserContext } from '../user-context.ts';
import { meetElsewhere } from './meet-elsewhere.ts';
import { tellWork } from './own-presence.ts';

/**
 * Follows who shares a room, as far as presence is concerned. Who comes into a room is greeted by those who are in it,
 * and answers; so each learns of the other. Whether people still share a room after somebody left is found out when
 * they are told of the own presence, which is due then.
 */
export function meetPeople(
  user: UserContext,
  delta: RoomDelta,
  events: readonly DeliveredEvent[],
  membershipBefore: Membership | undefined,
  nowMs: number,
): void {
  if (!user.presence) return;
  meetElsewhere(user, delta, events, membershipBefore, nowMs);
  if (delta.membership !== 'join') {
    if (membershipBefore === 'join') askEverybody(user, nowMs);
    return;
  }
  const latest = new Map<UserId, ClientEvent>();
  for (const { event } of events) note(user, latest, event);
  for (const event of latest.values()) {
    if (event.content.membership === 'join') {
      if (!wasJoined(event)) greet(user, event.state_key as UserId, nowMs);
    } else ask(user, event.state_key as UserId, nowMs);
  }
  const present = new Map<UserId, ClientEvent>();
  const known = [...delta.members, ...(delta.snapshot?.state ?? []), ...(delta.corrections?.set ?? [])];
  for (const event of known) note(user, present, event);
  for (const [userId, event] of present) {
    if (event.content.membership === 'join' && !findPresence(user.sqlite, userId)) greet(user, userId, nowMs);
  }
}

function note(user: UserContext, people: Map<UserId, ClientEvent>, event: ClientEvent): void {
  const userId = event.state_key as UserId | undefined;
  if (event.type !== 'm.room.member' || userId === undefined || userId === user.userId) return;
  if (user.presence?.isPerson(userId)) people.set(userId, event);
}

function wasJoined(event: ClientEvent): boolean {
  const previous = event.unsigned?.prev_content;
  return isJsonObject(previous) && previous.membership === 'join';
}

function greet(user: UserContext, userId: UserId, nowMs: number): void {
  const known = findPresence(user.sqlite, userId);
  putPresence(user.sqlite, { ...(known ?? { ...neverSeen, userId, position: 0 }), untold: untold.greeting });
  user.due.schedule(tellWork, nowMs);
}

function ask(user: UserContext, userId: UserId, nowMs: number): void {
  if (!findPresence(user.sqlite, userId)) return;
  setUntold(user.sqlite, userId, untold.news);
  user.due.schedule(tellWork, nowMs);
}

function askEverybody(user: UserContext, nowMs: number): void {
  markAllUntold(user.sqlite, user.userId);
  user.due.schedule(tellWork, nowMs);
}
