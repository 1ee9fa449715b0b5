import type { EventId } from '../../../../../matrix/identifiers.ts';
import { randomName } from '../../../../../platform/random-name.ts';
import { authTypesFor } from '../../../protocol/auth-rules/auth-types.ts';
import { referenceTo } from '../../../protocol/event-hash.ts';
import type { EventReference } from '../../../protocol/pdu.ts';
import type { StoredEvent } from '../../../storage/room/events.ts';
import type { Room } from '../room.ts';
import { ownAuthEvent } from './state-point.ts';

/** The part of the room's state that proves an event's right: server-server API, "Auth events selection". */
export function authEventsFor(
  room: Room,
  /** `state_key` is wanted even if it is undefined: without it a member event gets the wrong ones. */
  event: Parameters<typeof authTypesFor>[0] & { state_key: string | undefined },
): StoredEvent[] {
  return authTypesFor(event, room.version)
    .map(([type, stateKey]) => ownAuthEvent(room, type, stateKey))
    .filter((authEvent) => authEvent !== undefined);
}

/** How events of the room name the others. */
export function references(room: Room, events: readonly StoredEvent[]): EventReference[] {
  if (room.version.eventIds !== 'assigned') return events.map((event) => event.eventId);
  return events.map((event) => referenceTo(event.pdu, room.version));
}

/** For room versions whose event ids are not made of the event. */
export function assignedEventId(serverName: string): EventId {
  return `$${randomName()}:${serverName}` as EventId;
}
