import { eventsForward, newestPosition, type Range } from '../../../storage/room/events.ts';
import type { ServiceDelta } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { deliveredEvents } from './delta-parts.ts';
import { maxDeltaEvents } from './shared-reads.ts';

/**
 * What an application service lacks that has been told everything up to `from`. It misses no event of the
 * times in which it was interested: a wide gap is closed by several deltas.
 */
export function appserviceDelta(
  room: Room,
  ranges: readonly Range[],
  from: number,
): ServiceDelta | undefined {
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
