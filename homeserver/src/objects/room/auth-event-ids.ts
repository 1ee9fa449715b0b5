import type { EventId } from '../../../../matrix/identifiers.ts';
import { authTypesFor } from '../../protocol/auth-rules/auth-types.ts';
import { stateEvent } from '../../storage/room/state.ts';
import type { Room } from './room.ts';

/** The part of the current state that proves an event's right: server-server API, "Auth events selection". */
export function authEventIds(
  room: Room,
  /** `state_key` is wanted even if it is undefined: without it a member event gets the wrong ones. */
  event: Parameters<typeof authTypesFor>[0] & { state_key: string | undefined },
): EventId[] {
  return authTypesFor(event, room.version)
    .map(([type, stateKey]) => stateEvent(room.sqlite, type, stateKey)?.eventId)
    .filter((eventId) => eventId !== undefined);
}
