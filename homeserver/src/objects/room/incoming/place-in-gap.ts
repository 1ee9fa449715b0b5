import type { EventId } from '../../../../../matrix/identifiers.ts';
import { eventAt } from '../../../storage/room/events.ts';
import { gapAt, putGap } from '../../../storage/room/gaps.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { fillGap, freeBelow, storeOld } from './fill-gap.ts';
import { fillsGaps, missingBefore } from './gaps.ts';
import { readIncoming } from './incoming-event.ts';

/** Numbers that are kept free for each event that should be between, by its depth: there may be forks. */
const numbersPerEvent = 64;
const minNumbers = 1_000;

/**
 * Puts one event into the middle of a gap, which makes it two: before the event, and between it and what was there.
 * @param position of the gap
 * @param stateBefore ids of the state before the event, if its previous events are not here
 */
export function placeInGap(
  room: Room,
  position: number,
  value: unknown,
  stateBefore: EventId[] | undefined,
): ReceivedEvent {
  const gap = gapAt(room.sqlite, position);
  if (!gap) return { kind: 'malformed', reason: 'no gap is there' };
  const incoming = readIncoming(room, value);
  if (incoming.kind === 'malformed') return incoming;
  const { eventId, pdu } = incoming;
  const states = stateBefore ? { [eventId]: stateBefore } : {};
  if (gap.missing.includes(eventId)) {
    const [filled] = fillGap(room, position, [value], states);
    return filled ?? { kind: 'malformed', reason: 'not taken in' };
  }
  const free = freeBelow(room, position);
  if (free === 0) return { kind: 'malformed', reason: 'no place is left' };
  const between = Math.max(0, (eventAt(room.sqlite, position)?.pdu.depth ?? 0) - pdu.depth);
  const wanted = Math.max(minNumbers, between * numbersPerEvent);
  const distance = Math.min(wanted, Math.ceil(free / 2));
  const result = storeOld(room, incoming, position - distance, states);
  if (result.kind !== 'accepted') return result;
  putGap(room.sqlite, { position: result.position, missing: missingBefore(room, pdu) });
  fillsGaps(room, eventId);
  return result;
}
