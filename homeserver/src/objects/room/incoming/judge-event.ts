import type { EventId } from '../../../../../matrix/identifiers.ts';
import { checkAuthEvents } from '../../../protocol/auth-rules/auth-events.ts';
import { type AuthState, authorize } from '../../../protocol/auth-rules/authorize.ts';
import { authEventIds, type Pdu } from '../../../protocol/pdu.ts';
import { stateMapKey, stateOf } from '../../../protocol/state-map.ts';
import { type EventVerdict, eventAt, type LinePlace, newestPosition } from '../../../storage/room/events.ts';
import { resolvePoints } from '../graph/resolve-points.ts';
import type { RoomEventSource } from '../graph/room-event-source.ts';
import { authStateOf, ownAuthState, type StatePoint, timelinePoint } from '../graph/state-point.ts';
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
  return isHistory || isAllowedNow(room, pdu, place) ? 'accepted' : 'softFailed';
}

/**
 * Step 6: by the state in force. Where that refuses, by what it makes together with the state before the event: after a
 * gap the state in force knows nothing of who came meanwhile, and what these say would be lost. Bans stand in that, too.
 */
function isAllowedNow(room: Room, pdu: Pdu, { line, step }: LinePlace): boolean {
  if (isAllowedByOwnState(room, pdu)) return true;
  const own = timelinePoint(newestPosition(room.sqlite));
  const { base, changes } = resolvePoints(room, [own, { line, at: 2 * step }]);
  const changed = new Map(
    changes.map(({ key, position }) => [stateMapKey(key.type, key.stateKey), position]),
  );
  const inBase = authStateOf(room, base);
  const together: AuthState = {
    get(type, stateKey) {
      const name = stateMapKey(type, stateKey);
      if (!changed.has(name)) return inBase.get(type, stateKey);
      const position = changed.get(name);
      return position === undefined ? undefined : eventAt(room.sqlite, position)?.pdu;
    },
  };
  return authorize(pdu, withNamedMembers(room, pdu, together), room.version).kind === 'allowed';
}

/** Where the room is named by its create event. */
function createEventId(room: Room): EventId {
  return `$${room.roomId.slice(1)}` as EventId;
}
