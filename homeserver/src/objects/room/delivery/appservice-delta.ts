import type { UserId } from '../../../../../matrix/identifiers.ts';
import { eventsForward, newestPosition } from '../../../storage/room/events.ts';
import { membersWith } from '../../../storage/room/members.ts';
import type { ServiceDelta } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { deliveredEvents } from './delta-parts.ts';
import { type Interest, isOpen } from './interest.ts';
import { maxDeltaEvents, unexplainedBehind } from './shared-reads.ts';

/**
 * What an application service lacks that has been told everything up to `from`. It misses no event of the
 * times in which it was interested: a wide gap is closed by several deltas.
 */
export function appserviceDelta(room: Room, { ranges }: Interest, from: number): ServiceDelta | undefined {
  if (ranges.length === 0) return undefined;
  const newest = newestPosition(room.sqlite);
  // A service that is ahead belongs to a room that was restored from a backup.
  const known = Math.min(from, newest);
  const range = ranges.find(({ upTo }) => upTo > known) ?? { after: known, upTo: known };
  const start = Math.max(known, range.after);
  const events = eventsForward(room.sqlite, start, range.upTo, maxDeltaEvents);
  const delta = {
    roomId: room.roomId,
    fromPosition: start,
    position: events.at(-1)?.position ?? start,
    events: deliveredEvents(room, {}, events),
  };
  const jumps = start !== from;
  return jumps ? { ...delta, snapshot: { roomVersion: room.version.id, state: [] } } : delta;
}

/**
 * Everybody else in the room, if a user of the service is in it; told where it does not follow from the member events
 * of the delta. It is as of now; what comes after the delta then changes nothing.
 * @param anew the service knows nobody in the room
 */
export function companionsIn(
  room: Room,
  interest: Interest,
  { fromPosition, position, snapshot }: ServiceDelta,
  anew: boolean,
): UserId[] | 'apart' | undefined {
  const within = (place: number) => place > fromPosition && place <= position;
  const changes = interest.sharing.some(({ after, upTo }) => within(after + 1) || within(upTo));
  const corrected = () =>
    unexplainedBehind(room, fromPosition, position).some(({ type }) => type === 'm.room.member');
  if (!(anew || snapshot || changes || corrected())) return undefined;
  if (!isOpen(interest.sharing)) return 'apart';
  const joined = membersWith(room.sqlite, 'join').map(({ userId }) => userId);
  return joined.filter((userId) => !interest.isOwn(userId));
}
