import type { EventId } from '../../../../../matrix/identifiers.ts';
import { checkAuthEvents } from '../../../protocol/auth-rules/auth-events.ts';
import { authorize } from '../../../protocol/auth-rules/authorize.ts';
import { authEventIds, type Pdu } from '../../../protocol/pdu.ts';
import { stateOf } from '../../../protocol/state-map.ts';
import type { EventVerdict, LinePlace } from '../../../storage/room/events.ts';
import type { RoomEventSource } from '../graph/room-event-source.ts';
import { authStateOf, ownAuthState, type StatePoint } from '../graph/state-point.ts';
import { withNamedMembers } from '../partial/guess-members.ts';
import type { Room } from '../room.ts';

/**
 * Server-server API, "Checks performed on receipt of a PDU", step 4: by the event's own auth events, which are all
 * there.
 */
export function isAllowedByAuthEvents(room: Room, pdu: Pdu, source: RoomEventSource): boolean {
  const named = authEventIds(pdu).flatMap((eventId) => {
    const authEvent = source.get(eventId);
    return authEvent ? [{ pdu: authEvent, rejected: source.isRejected(eventId) }] : [];
  });
  if (checkAuthEvents(pdu, named, room.version).kind === 'denied') return false;
  const create = room.version.roomIds === 'createHash' ? source.get(createEventId(room)) : undefined;
  const state = stateOf([...(create ? [create] : []), ...named.map((authEvent) => authEvent.pdu)]);
  return authorize(pdu, state, room.version).kind === 'allowed';
}

/** Step 5, for an event that follows on all extremities; step 6 is the same for it. */
export function isAllowedByOwnState(room: Room, pdu: Pdu): boolean {
  return authorize(pdu, withNamedMembers(room, pdu, ownAuthState(room)), room.version).kind === 'allowed';
}

/** Step 5: by the state before it. */
export function isAllowedAtPlace(room: Room, pdu: Pdu, { line, step }: LinePlace): boolean {
  return isAllowedBehind(room, pdu, { line, at: 2 * step });
}

export function isAllowedBehind(room: Room, pdu: Pdu, point: StatePoint): boolean {
  return (
    authorize(pdu, withNamedMembers(room, pdu, authStateOf(room, point)), room.version).kind === 'allowed'
  );
}

/** Steps 4 to 6. @param isHistory it came before what the room's state is made of, so that state does not judge it */
export function verdictAtPlace(
  room: Room,
  pdu: Pdu,
  place: LinePlace,
  source: RoomEventSource,
  isHistory: boolean,
): EventVerdict {
  if (!isAllowedByAuthEvents(room, pdu, source) || !isAllowedAtPlace(room, pdu, place)) return 'rejected';
  return isHistory || isAllowedByOwnState(room, pdu) ? 'accepted' : 'softFailed';
}

/** Where the room is named by its create event. */
function createEventId(room: Room): EventId {
  return `$${room.roomId.slice(1)}` as EventId;
}
