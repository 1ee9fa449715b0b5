import type { Sqlite } from '../../../../../platform/sqlite.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { findLine, lineStateAt } from '../../../storage/room/lines.ts';
import { statePositionsAt } from '../../../storage/room/state.ts';
import type { StatePoint } from './state-point.ts';

export interface StateEntry {
  type: string;
  stateKey: string;
  /** Of the event that sets it. */
  position: number;
}

/** All of a state, by `stateMapKey`. */
export function fullState(sqlite: Sqlite, { line, at }: StatePoint): Map<string, StateEntry> {
  if (line === 0) {
    return new Map(
      statePositionsAt(sqlite, at).map((entry) => [stateMapKey(entry.type, entry.stateKey), entry]),
    );
  }
  const { parent, parentAt } = findLine(sqlite, line);
  const state = fullState(sqlite, { line: parent, at: parentAt });
  for (const { type, stateKey, position } of lineStateAt(sqlite, line, at)) {
    const name = stateMapKey(type, stateKey);
    if (position === undefined) state.delete(name);
    else state.set(name, { type, stateKey, position });
  }
  return state;
}
