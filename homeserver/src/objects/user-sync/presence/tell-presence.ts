import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../../platform/log.ts';
import { neverSeen, type Presence } from '../../../protocol/sync/presence.ts';
import {
  deletePresence,
  findPresence,
  nextUntold,
  type PresenceRow,
  putPresence,
  setUntold,
  untold,
} from '../../../storage/user-sync/presence.ts';
import { joinedRoomIds } from '../../../storage/user-sync/rooms.ts';
import type { PresenceNews, PresenceReply } from '../../user-sync-rpc.ts';
import type { UserContext } from '../user-context.ts';
import { ownPresence } from './own-presence.ts';

/** Hands news to another user's object. */
export type Tell = (userId: UserId, news: PresenceNews) => Promise<PresenceReply>;

/**
 * The due work `presence`: tells the own presence to those who have not been told it, and learns theirs. What changes
 * while somebody is told is told to them next.
 * @returns whether everybody has been told
 */
export async function tellPresence(user: UserContext, tell: Tell): Promise<boolean> {
  let complete = true;
  let person = nextUntold(user.sqlite, '');
  while (person) {
    const { userId } = person;
    const news = newsFor(user, person);
    const reply = await tell(userId, news).catch((error: unknown) => {
      log('warn', 'presence.not_told', { userId: user.userId, to: userId, error: errorText(error) });
    });
    if (!reply) complete = false;
    const again = reply !== undefined && !settle(user, userId, news, reply);
    person = again ? findPresence(user.sqlite, userId) : nextUntold(user.sqlite, userId);
  }
  return complete;
}

function newsFor(user: UserContext, person: PresenceRow): PresenceNews {
  const { state, statusMsg, lastActiveMs } = ownPresence(user);
  return {
    from: user.userId,
    presence: { state, statusMsg, lastActiveMs },
    isGreeting: person.untold === untold.greeting,
    rooms: joinedRoomIds(user.sqlite),
  };
}

/** @returns whether the person now knows everything */
function settle(user: UserContext, userId: UserId, news: PresenceNews, reply: PresenceReply): boolean {
  return user.sqlite.transaction(() => {
    const person = findPresence(user.sqlite, userId);
    if (!person || person.untold === untold.nothing) return true;
    const current = newsFor(user, person);
    if (JSON.stringify(current) !== JSON.stringify(news)) return false;
    if (reply.kind === 'stranger') {
      forget(user, userId);
      return true;
    }
    learn(user, userId, reply.presence, news.isGreeting);
    setUntold(user.sqlite, userId, untold.nothing);
    return true;
  });
}

/**
 * The other side: somebody tells their presence, and is told that of this user. Who greets has just seen both in one
 * room; else it is looked whether there is such a room.
 */
export function meetPresence(user: UserContext, news: PresenceNews): PresenceReply {
  if (!user.presence) return { kind: 'stranger' };
  return user.sqlite.transaction((): PresenceReply => {
    if (!news.isGreeting && !sharesRoom(user, news.rooms)) {
      forget(user, news.from);
      return { kind: 'stranger' };
    }
    learn(user, news.from, news.presence, news.isGreeting);
    setUntold(user.sqlite, news.from, untold.nothing);
    const { state, statusMsg, lastActiveMs } = ownPresence(user);
    return { kind: 'acquainted', presence: { state, statusMsg, lastActiveMs } };
  });
}

/** @returns nothing if the viewer, who is in these rooms, may not see it */
export function presenceFor(
  user: UserContext,
  viewer: UserId,
  rooms: readonly RoomId[],
): Presence | undefined {
  return viewer === user.userId || sharesRoom(user, rooms) ? ownPresence(user) : undefined;
}

function sharesRoom(user: UserContext, rooms: readonly RoomId[]): boolean {
  const own = new Set(joinedRoomIds(user.sqlite));
  return rooms.some((roomId) => own.has(roomId));
}

/** @param anew clients are told even what they knew, having just come together with this person */
export function learn(user: UserContext, userId: UserId, presence: Presence, anew: boolean): void {
  const known = findPresence(user.sqlite, userId) ?? {
    ...neverSeen,
    userId,
    position: 0,
    untold: untold.nothing,
  };
  const same = known.state === presence.state && known.statusMsg === presence.statusMsg;
  const isNews = !same || (anew && presence.state !== 'offline');
  const position = isNews ? user.stream.next() : known.position;
  putPresence(user.sqlite, { ...known, ...presence, position });
}

function forget(user: UserContext, userId: UserId): void {
  user.stream.keep();
  deletePresence(user.sqlite, userId);
}
