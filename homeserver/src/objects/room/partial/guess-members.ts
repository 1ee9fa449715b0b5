import { isMembership } from '../../../../../matrix/events.ts';
import { serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { AuthState } from '../../../protocol/auth-rules/authorize.ts';
import { authEventIds, type Pdu } from '../../../protocol/pdu.ts';
import { eventsById, type StoredEvent } from '../../../storage/room/events.ts';
import { joinedServer } from '../../../storage/room/joined-servers.ts';
import { memberOf } from '../../../storage/room/members.ts';
import { putGuess, readPartialState } from '../../../storage/room/partial-state.ts';
import { setOwnState } from '../graph/own-line.ts';
import type { Room } from '../room.ts';

/**
 * MSC3902: while the members are not here, a membership that is lacking is the one that the event itself names. Whether
 * that is still true is seen when the members are here.
 */
export function withNamedMembers(room: Room, pdu: Pdu, state: AuthState): AuthState {
  if (!room.isPartial) return state;
  let named: Map<string | undefined, Pdu> | undefined;
  return {
    get(type, stateKey) {
      const known = state.get(type, stateKey);
      if (known || type !== 'm.room.member') return known;
      named ??= new Map(namedMembers(room, pdu).map((event) => [event.stateKey, event.pdu]));
      return named.get(stateKey);
    },
  };
}

/** Makes the members that an event names known, as far as nothing is known of them, so that clients can show them. */
export function learnMembers(room: Room, pdu: Pdu): void {
  const partial = room.isPartial && readPartialState(room.sqlite);
  if (!partial) return;
  for (const event of namedMembers(room, pdu)) {
    const key = { type: event.type, stateKey: event.stateKey ?? '' };
    if (memberOf(room.sqlite, key.stateKey)) continue;
    setOwnState(room, key, partial.since, event);
    putGuess(room.sqlite, key.stateKey, partial.since);
  }
}

function namedMembers(room: Room, pdu: Pdu): StoredEvent[] {
  return eventsById(room.sqlite, authEventIds(pdu)).filter(
    ({ type, stateKey, verdict, pdu: { content } }) =>
      type === 'm.room.member' &&
      stateKey !== undefined &&
      verdict === 'accepted' &&
      isMembership(content.membership),
  );
}

/** Whether the user is in the room, or of a server of whose users it is not known. */
export function mayBeJoined(room: Room, userId: UserId): boolean {
  const membership = memberOf(room.sqlite, userId)?.membership;
  if (membership !== undefined || !room.isPartial) return membership === 'join';
  return joinedServer(room.sqlite, serverNameOf(userId)) !== undefined;
}
