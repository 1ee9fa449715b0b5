import type { StateEvent } from '../../../../../matrix/events.ts';
import { type RequiredState, wantsState } from '../../../protocol/sync/required-state.ts';
import {
  allState,
  type StateRow,
  stateByKeys,
  stateByTypes,
  stateOfTypes,
  stateWithoutMembers,
} from '../../../storage/user-sync/room-state.ts';
import type { UserContext } from '../user-context.ts';

const memberType = 'm.room.member';

/** What a room list shows of a room whatever state was asked for. */
const namingTypes = ['m.room.name', 'm.room.avatar'];

/** All present state that is wanted, and that which names the room. Reads little else. */
export function readRequiredState(user: UserContext, roomId: string, required: RequiredState): StateRow[] {
  const { sqlite } = user;
  if (required.everything) {
    return required.lazyMembers ? stateWithoutMembers(sqlite, roomId) : allState(sqlite, roomId);
  }
  const rows = new Map<string, StateRow>();
  const add = (found: StateRow[]) => {
    for (const row of found) rows.set(`${row.event.type}\n${row.event.state_key}`, row);
  };
  const unnamed = [...required.exact].flatMap(([type, keys]) => (keys.has('') ? [type] : []));
  add(stateByTypes(sqlite, roomId, [...new Set([...unnamed, ...namingTypes])].slice(0, 90)));
  for (const [type, keys] of required.exact) {
    add(
      stateByKeys(
        sqlite,
        roomId,
        type,
        [...keys].filter((stateKey) => stateKey !== ''),
      ),
    );
  }
  add(stateOfTypes(sqlite, roomId, [...required.types].slice(0, 90)));
  if (required.stateKeys.size > 0) {
    add(allState(sqlite, roomId).filter(({ event }) => required.stateKeys.has(event.state_key)));
  }
  return [...rows.values()];
}

/** Member events that the timeline needs and the connection has not been sent. */
export function lazyMembers(
  user: UserContext,
  roomId: string,
  needed: ReadonlySet<string>,
  sent: ReadonlySet<string>,
): StateEvent[] {
  const missing = [...needed].filter((userId) => !sent.has(userId));
  return stateByKeys(user.sqlite, roomId, memberType, missing).map((row) => row.event);
}

/** Of changed state, what is wanted for itself. */
export function wantedOf(rows: readonly StateRow[], required: RequiredState): StateEvent[] {
  return rows.map((row) => row.event).filter((event) => wantsState(required, event.type, event.state_key));
}
