import type { EventId } from '../../../../../matrix/identifiers.ts';
import { deleteEvent, eventById, storeRedaction } from '../../../storage/room/events.ts';
import { renumberState } from '../../../storage/room/renumber-state.ts';
import { deleteIndexed } from '../../../storage/room/search-index.ts';
import type { Room } from '../room.ts';

/**
 * Removes an event that was known as part of a state only, so that it can be stored with its place in the graph.
 * @returns to be told its new position, under which the states then have it
 */
export function takeOutlier(
  room: Room,
  eventId: EventId,
): { becomes: (position: number) => void } | undefined {
  const outlier = eventById(room.sqlite, eventId);
  if (!outlier) return undefined;
  deleteEvent(room.sqlite, outlier.position);
  const key = { type: outlier.type, stateKey: outlier.stateKey ?? '' };
  return {
    becomes: (position) => {
      renumberState(room.sqlite, key, outlier.position, position);
      // What was redacted stays so, whole as it may have come now.
      if (!outlier.redactedBy) return;
      storeRedaction(room.sqlite, position, outlier.pdu, outlier.redactedBy);
      if (position > 0) deleteIndexed(room.sqlite, position);
    },
  };
}
