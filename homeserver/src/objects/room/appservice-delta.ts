import { mayAssertUser, type Registration } from '../../../../appservice/registration.ts';
import { eventsForward, newestPosition, type Range } from '../../storage/room/events.ts';
import { membershipChanges } from '../../storage/room/members.ts';
import type { RoomDelta } from '../room-rpc.ts';
import { eventsDelta } from './delta-parts.ts';
import { isInterestedInRoom } from './followers.ts';
import type { Room } from './room.ts';
import { maxDeltaEvents } from './room-delta.ts';

/**
 * What an application service lacks that has been told everything up to `from`. It misses no event of the
 * times in which it was interested: a wide gap is closed by several deltas.
 */
export function appserviceDelta(room: Room, ranges: readonly Range[], from: number): RoomDelta | undefined {
  if (ranges.length === 0) return undefined;
  const newest = newestPosition(room.sqlite);
  // A service that is ahead belongs to a room that was restored from a backup.
  const known = Math.min(from, newest);
  const range = ranges.find(({ upTo }) => upTo > known) ?? { after: known, upTo: known };
  const start = Math.max(known, range.after);
  const events = eventsForward(room.sqlite, start, range.upTo, maxDeltaEvents);
  const delta = eventsDelta(room, undefined, 'join', start, events);
  const jumps = start !== from;
  return jumps ? { ...delta, snapshot: { roomVersion: room.version.id, state: [] } } : delta;
}

/** End of a range that is still open. */
const open = Number.MAX_SAFE_INTEGER;

export function isOpen(ranges: readonly Range[]): boolean {
  return ranges.at(-1)?.upTo === open;
}

/**
 * The events from the one that brought the first of the service's users into the room (by join or
 * invitation) up to the one that removed the last. All, if it wants the room itself.
 */
export function interestedRanges(room: Room, registration: Registration): Range[] {
  if (isInterestedInRoom(room, registration)) return [{ after: 0, upTo: open }];
  const present = new Set<string>();
  const ranges: Range[] = [];
  for (const { userId, since, membership } of membershipChanges(room.sqlite)) {
    if (!mayAssertUser(registration, userId, room.config.serverName)) continue;
    const wasInterested = present.size > 0;
    if (membership === 'join' || membership === 'invite') present.add(userId);
    else present.delete(userId);
    const last = ranges.at(-1);
    if (!wasInterested && present.size > 0) ranges.push({ after: since - 1, upTo: open });
    else if (wasInterested && present.size === 0 && last) last.upTo = since;
  }
  return ranges;
}
