import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { eventAt, newestPosition, type Range } from '../../../storage/room/events.ts';
import {
  closestInTime,
  type DatedEvent,
  outermost,
  positionAtTime,
} from '../../../storage/room/events-by-time.ts';
import { type Gap, gapAt } from '../../../storage/room/gaps.ts';
import type { EventAtTime } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { maySeeAtPlace, readerRights } from './reader-rights.ts';

/** Events looked at on each side of where the time would be if events were in the order of time. */
export const maxDisorder = 2000;

/** If more events in a row are hidden from the reader, what is beyond them is not found. */
const maxHidden = 100;

/**
 * The event closest to a time that the reader may see, not before it (`f`) or not after it (`b`).
 *
 * Events stand in order of acceptance, in which their times are nearly sorted. The answer is exact if no event
 * stands more than `maxDisorder` places from where its time would put it: for whole rooms of that size, for
 * history that a bridge brings in after the fact, for clocks that differ. Of what stands further away an event
 * on the right side of the time is found, if not the closest one.
 */
export function readByTime(room: Room, userId: UserId, timeMs: number, dir: 'f' | 'b'): EventAtTime | Denial {
  const rights = readerRights(room, userId);
  if (rights.kind === 'denied') return rights;
  const newest = newestPosition(room.sqlite);
  const free = positionAtTime(room.sqlite, timeMs, newest);
  // In gaps there are many numbers before the next event.
  const [next] = outermost(room.sqlite, { after: free - 1, upTo: newest }, 'f', 1);
  const place = next?.position ?? free;
  const near = { after: place - 1 - maxDisorder, upTo: place + maxDisorder };
  const beyond =
    dir === 'f'
      ? { after: near.upTo, upTo: Number.MAX_SAFE_INTEGER }
      : { after: 0, upTo: Math.max(0, near.after) };
  const found =
    closest(
      within(rights.ranges, near).map((range) =>
        firstSeen(room, userId, closestInTime(room.sqlite, range, timeMs, dir, maxHidden)),
      ),
      dir,
    ) ?? firstBeyond(room, userId, within(rights.ranges, beyond), timeMs, dir);
  if (!found) return denial(notFound(`There is no event ${dir === 'f' ? 'since' : 'until'} then`));
  return { kind: 'found', eventId: found.eventId, originServerTs: found.originServerTs };
}

/** The gap that this time falls into, or stands at: what was sent then may be missing. */
export function gapAtTime(room: Room, timeMs: number): Gap | undefined {
  const newest = newestPosition(room.sqlite);
  const place = positionAtTime(room.sqlite, timeMs, newest);
  const [behind] = outermost(room.sqlite, { after: place - 1, upTo: newest }, 'f', 1);
  return behind && gapAt(room.sqlite, behind.position);
}

/** Where nothing near may be seen: the next event in the direction, its time permitting. */
function firstBeyond(
  room: Room,
  userId: UserId,
  ranges: readonly Range[],
  timeMs: number,
  dir: 'f' | 'b',
): DatedEvent | undefined {
  const [range] = dir === 'f' ? ranges : ranges.toReversed();
  const next = range && firstSeen(room, userId, outermost(room.sqlite, range, dir, maxHidden));
  const fits = next && (dir === 'f' ? next.originServerTs >= timeMs : next.originServerTs <= timeMs);
  return fits ? next : undefined;
}

/** Events that have a place of their own are judged one by one. */
function firstSeen(room: Room, userId: UserId, candidates: readonly DatedEvent[]): DatedEvent | undefined {
  return candidates.find(({ position }) => {
    const event = eventAt(room.sqlite, position);
    return event !== undefined && maySeeAtPlace(room, userId, event);
  });
}

function closest(candidates: readonly (DatedEvent | undefined)[], dir: 'f' | 'b'): DatedEvent | undefined {
  const order = (one: DatedEvent, other: DatedEvent) =>
    one.originServerTs - other.originServerTs || one.position - other.position;
  const sorted = candidates.filter((event) => event !== undefined).sort(order);
  return dir === 'f' ? sorted[0] : sorted.at(-1);
}

function within(ranges: readonly Range[], limits: Range): Range[] {
  return ranges
    .map(({ after, upTo }) => ({ after: Math.max(after, limits.after), upTo: Math.min(upTo, limits.upTo) }))
    .filter(({ after, upTo }) => after < upTo);
}
