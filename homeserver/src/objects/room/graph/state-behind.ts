import type { Sqlite } from '../../../../../platform/sqlite.ts';
import { eventsAt, type StoredEvent } from '../../../storage/room/events.ts';
import { type StatePart, stateAt } from '../../../storage/room/state.ts';
import { fullState } from './full-state.ts';
import { type Placed, pointBehind, stateEventOf } from './state-point.ts';

/**
 * The state that an event makes, as clients are told it. For an event with a place of its own that is the state
 * there: history that was put into a gap comes before all that the room's own line knows.
 */
export function stateBehind(sqlite: Sqlite, event: Placed, part: StatePart): StoredEvent[] {
  const point = pointBehind(event);
  if (!point) return [];
  if (point.line === 0) return stateAt(sqlite, point.at, part);
  const positions = [...fullState(sqlite, point).values()]
    .filter(({ type }) => part === 'all' || (type === 'm.room.member') === (part === 'members'))
    .map(({ position }) => position);
  return eventsAt(sqlite, positions).sort((one, other) => one.position - other.position);
}

export function stateEventBehind(
  sqlite: Sqlite,
  event: Placed,
  type: string,
  stateKey: string,
): StoredEvent | undefined {
  const point = pointBehind(event);
  return point && stateEventOf(sqlite, point, type, stateKey);
}
