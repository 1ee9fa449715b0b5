import type { UserId } from '../../../../../matrix/identifiers.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import { membershipChanges } from '../../../storage/room/members.ts';
import { type KeptMessage, keptMessages, purgeEvent } from '../../../storage/room/purged-events.ts';
import { deleteRelations, deleteRelationsTo } from '../../../storage/room/relations.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import { deleteIndexed } from '../../../storage/room/search-index.ts';
import type { Stubs } from '../../stubs.ts';
import { isSyncing } from '../delivery/followers.ts';
import { ancestorsOf } from '../graph/ancestors.ts';
import type { Room } from '../room.ts';

/** Nothing younger is purged, whatever is asked: its sender may still repeat the request that made it. */
export const youngestPurgedMs = 24 * 60 * 60 * 1000;

/** Messages purged at once. */
export const purgeBatch = 200;

export interface Expired {
  messages: KeptMessage[];
  /** Looking further begins behind this position. */
  seenUpTo: number;
  /** Whether messages behind `seenUpTo` were left unseen. */
  more: boolean;
  /** The message at which looking ended, since it is still to be kept. */
  next: KeptMessage | undefined;
}

/** What a message's age is told by: a date in the future makes none younger than its coming. */
export function ageFrom({ originServerTs, cameMs }: KeptMessage): number {
  return Math.min(originServerTs, cameMs);
}

/**
 * The messages behind a position, in the order of the timeline, that may go. Never the newest event, whose position
 * nobody may get again, nor the ends of the graph, which the next event has to name.
 * @param atKept whether to stop at the first message that is kept, or to look further
 */
export function findExpired(
  room: Room,
  after: number,
  isExpired: (message: KeptMessage) => boolean,
  atKept: 'stop' | 'goOn',
): Expired {
  const ends = new Set<string>(readExtremities(room.sqlite));
  const newest = newestPosition(room.sqlite);
  const looked = keptMessages(room.sqlite, after, newest, purgeBatch);
  const messages: KeptMessage[] = [];
  let firstEnd: number | undefined;
  for (const message of looked) {
    if (ends.has(message.eventId)) firstEnd ??= message.position;
    else if (isExpired(message)) messages.push(message);
    else if (atKept === 'stop') {
      const seenUpTo = (firstEnd ?? message.position) - 1;
      return { messages, seenUpTo, more: false, next: message };
    }
  }
  const more = looked.length === purgeBatch;
  const end = more ? (looked.at(-1)?.position ?? newest) : Math.max(after, newest - 1);
  const seenUpTo = atKept === 'stop' && firstEnd !== undefined ? firstEnd - 1 : end;
  return { messages, seenUpTo, more, next: undefined };
}

/** Part of the caller's transaction. What related to a message, or made it a thread, goes with it. */
export function purgeMessages(room: Room, messages: readonly KeptMessage[]): void {
  for (const message of messages) {
    if (!message.isRedacted) deleteRelations(room.sqlite, ancestorsOf(room, message.pdu), message.position);
    deleteRelationsTo(room.sqlite, message.eventId);
    deleteIndexed(room.sqlite, message.position);
    purgeEvent(room.sqlite, message);
  }
}

/** The user objects that may have copies of the room's events: of all who ever had to do with it. */
function copyHolders(room: Room): Set<UserId> {
  const concerned = membershipChanges(room.sqlite, 0, 'local').map(({ userId }) => userId);
  return new Set(concerned.filter((userId) => isSyncing(room.config, userId)));
}

/**
 * Before anything is purged, the users' copies go, so that after a crash the whole is done again.
 * @throws Error if a user's object cannot be reached
 */
export async function dropCopies(room: Room, stubs: Stubs, positions: number[]): Promise<void> {
  if (positions.length === 0) return;
  await Promise.all(
    [...copyHolders(room)].map((userId) => stubs.user(userId).dropEvents(room.roomId, positions)),
  );
}

/** For a room that goes as a whole. */
export async function dropAllCopies(room: Room, stubs: Stubs): Promise<void> {
  await Promise.all(
    [...copyHolders(room)].map(async (userId) => {
      const user = stubs.user(userId);
      await user.dropEvents(room.roomId, 'all');
      // Refused only where there is nothing to forget.
      await user.forgetRoom(room.roomId);
    }),
  );
}
