import type { EventId } from '../../../../matrix/identifiers.ts';
import { gapsMissing, putGap } from '../../storage/room/gaps.ts';
import type { Room } from './room.ts';

/**
 * How many numbers a gap leaves free in the timeline: more than events will ever be found for it, and few enough
 * for two million gaps in a room.
 */
export const gapSize = 2 ** 32;

/** The event at `position` was stored without events before it. */
export function openGap(room: Room, position: number, missing: EventId[]): void {
  putGap(room.sqlite, { position, missing });
}

/** The event is there now, wherever it was missing. */
export function fillsGaps(room: Room, eventId: EventId): void {
  for (const { position, missing } of gapsMissing(room.sqlite, eventId)) {
    putGap(room.sqlite, { position, missing: missing.filter((id) => id !== eventId) });
  }
}
