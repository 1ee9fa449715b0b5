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

/** What decides whether a server may see an event. */
export interface ServerVisibilityFacts {
  /** In the state at the event. */
  visibility: unknown;
  /** Of all the server's users, in the state at the event; needed if the visibility is `invited` or `joined`. */
  memberships: Iterable<Membership | undefined>;
}

/**
 * Whether an event may be given to a server that is in the room: it is if one of its users may see it. Where new
 * members see what was before them, that is any server of the room; whether it is one is the caller's part.
 */
export function mayServerSeeEvent({ visibility, memberships }: ServerVisibilityFacts): boolean {
  for (const membership of memberships) {
    if (maySeeEvent({ visibility, membership, joinedLater: true })) return true;
  }
  return maySeeEvent({ visibility, membership: undefined, joinedLater: true });
}

/** As `maySeeChange`: for changes of the visibility, and for the member events of the server's own users. */
export function mayServerSeeChange(before: ServerVisibilityFacts, after: ServerVisibilityFacts): boolean {
  return mayServerSeeEvent(before) || mayServerSeeEvent(after);
}
