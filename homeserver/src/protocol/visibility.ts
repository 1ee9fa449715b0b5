import type { Membership } from '../../../matrix/events.ts';

/** What decides whether a user may see an event: client-server API, "Room History Visibility". */
export interface VisibilityFacts {
  /** `history_visibility` in the state at the event; unknown values count as `shared`. */
  visibility: unknown;
  /** Of the user, in the state at the event. */
  membership: Membership | undefined;
  /** The user joined, or was joined still, at any point after the event. */
  joinedLater: boolean;
}

export function maySeeEvent({ visibility, membership, joinedLater }: VisibilityFacts): boolean {
  switch (visibility) {
    case 'world_readable':
      return true;
    case 'invited':
      return membership === 'join' || membership === 'invite';
    case 'joined':
      return membership === 'join';
    default:
      return membership === 'join' || joinedLater;
  }
}

/**
 * For the events that change one of the facts (`m.room.history_visibility`, the user's own member event): it
 * is enough that the state on one side of the event allows it.
 */
export function maySeeChange(before: VisibilityFacts, after: VisibilityFacts): boolean {
  return maySeeEvent(before) || maySeeEvent(after);
}
