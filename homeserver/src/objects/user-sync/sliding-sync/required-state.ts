import type { StateEvent } from '../../../../../matrix/events.ts';
import { type RequiredState, wantsState } from '../../../protocol/sync/required-state.ts';
import {
  allState,
  stateEntries,
  stateOfTypes,
  stateWithoutMembers,
} from '../../../storage/user-sync/room-state.ts';
import type { UserContext } from '../user-context.ts';

/** What a room list shows of a room whatever state was asked for. */
const namingTypes = ['m.room.name', 'm.room.avatar'];

/** All present state that is wanted, and that which names the room. Reads little else. */
export function readRequiredState(user: UserContext, roomId: string, required: RequiredState): StateEvent[] {
  const { sqlite } = user;
  if (required.everything) {
    const rows = required.lazyMembers ? stateWithoutMembers(sqlite, roomId) : allState(sqlite, roomId);
    return rows.map((row) => row.event);
  }
  if (required.stateKeys.size > 0) {
    return allState(sqlite, roomId)
      .map((row) => row.event)
      .filter((event) => wantsState(required, event.type, event.state_key) || isNaming(event));
  }
  const entries = [...required.exact].flatMap(([type, keys]) => [...keys].map((key) => [type, key] as const));
  const naming = namingTypes.filter((type) => !required.exact.get(type)?.has(''));
  return [
    ...stateEntries(sqlite, roomId, [...entries, ...naming.map((type) => [type, ''] as const)]),
    ...stateOfTypes(sqlite, roomId, [...required.types]),
  ];
}

const isNaming = (event: StateEvent) => event.state_key === '' && namingTypes.includes(event.type);

/** Of changed state, what is wanted for itself. */
export function wantedOf(events: readonly StateEvent[], required: RequiredState): StateEvent[] {
  return events.filter((event) => wantsState(required, event.type, event.state_key));
}
