import type { Sqlite } from '../../../../../platform/sqlite.ts';
import type { AuthState } from '../../../protocol/auth-rules/authorize.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { eventAt, type StoredEvent } from '../../../storage/room/events.ts';
import {
  findLine,
  lastLineChange,
  lineKeysChanged,
  lineStatePosition,
  lineStatePositions,
} from '../../../storage/room/lines.ts';
import {
  keysChanged,
  lastStateChange,
  type StateKey,
  stateEvent,
  statePositionAt,
  statePositionsOf,
} from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';

/** Remembered between two writes: many more than one event needs. */
const maxKnownAuthEvents = 50;

/** A state that the room has or had. On the room's own line (0) `at` is a position, else as in `line_state`. */
export interface StatePoint {
  line: number;
  at: number;
}

/** An event, or what is left of it. */
export type Placed = Pick<StoredEvent, 'eventId' | 'position' | 'place'>;

/** The state in force behind an event of the timeline. */
export function timelinePoint(position: number): StatePoint {
  return { line: 0, at: position };
}

/** The state that an event makes. Absent if it has no place in the graph. */
export function pointBehind({ position, place }: Placed): StatePoint | undefined {
  if (place) return { line: place.line, at: 2 * place.step + 1 };
  return position > 0 ? timelinePoint(position) : undefined;
}

/** The state that an event is judged by. */
export function pointBefore({ position, place }: StoredEvent): StatePoint | undefined {
  if (place) return { line: place.line, at: 2 * place.step };
  return position > 0 ? timelinePoint(position - 1) : undefined;
}

/** Position of the event that a state has for a key. */
export function statePosition(sqlite: Sqlite, { line, at }: StatePoint, key: StateKey): number | undefined {
  if (line === 0) return statePositionAt(sqlite, key, at);
  const own = lineStatePosition(sqlite, line, key, at);
  if (own) return own.position;
  const { parent, parentAt } = findLine(sqlite, line);
  return statePosition(sqlite, { line: parent, at: parentAt }, key);
}

/** The same for many keys, in their order. */
export function statePositions(
  sqlite: Sqlite,
  { line, at }: StatePoint,
  keys: readonly StateKey[],
): (number | undefined)[] {
  if (line === 0 || keys.length === 0) return statePositionsOf(sqlite, keys, at);
  const own = lineStatePositions(sqlite, line, keys, at);
  const { parent, parentAt } = findLine(sqlite, line);
  const above = keys.filter((_, index) => !own[index]);
  const inherited = statePositions(sqlite, { line: parent, at: parentAt }, above).values();
  return own.map((entry) => (entry ? entry.position : inherited.next().value));
}

/** The change that made this state: points of which it is the same are the same state. */
export function lastChange(sqlite: Sqlite, { line, at }: StatePoint): StatePoint {
  if (line === 0) return { line, at: lastStateChange(sqlite, at) };
  const own = lastLineChange(sqlite, line, at);
  if (own !== undefined) return { line, at: own };
  const { parent, parentAt } = findLine(sqlite, line);
  return lastChange(sqlite, { line: parent, at: parentAt });
}

export function stateEventOf(
  sqlite: Sqlite,
  point: StatePoint,
  type: string,
  stateKey: string,
): StoredEvent | undefined {
  const position = statePosition(sqlite, point, { type, stateKey });
  return position === undefined ? undefined : eventAt(sqlite, position);
}

/** A state as the authorization rules ask for it. */
export function authStateOf(room: Room, point: StatePoint): AuthState {
  return readOnce((type, stateKey) => stateEventOf(room.sqlite, point, type, stateKey)?.pdu);
}

/** The state in force, as the authorization rules ask for it. For one verdict: it does not follow changes. */
export function ownAuthState(room: Room): AuthState {
  return readOnce((type, stateKey) => ownAuthEvent(room, type, stateKey)?.pdu);
}

/** Of the state in force. An event names those that allow it, and then is judged by the same. */
export function ownAuthEvent({ sqlite }: Room, type: string, stateKey: string): StoredEvent | undefined {
  const known = sqlite.untilWritten('auth events', '', () => new Map<string, StoredEvent | undefined>());
  const name = stateMapKey(type, stateKey);
  if (known.has(name)) return known.get(name);
  if (known.size >= maxKnownAuthEvents) known.clear();
  const event = stateEvent(sqlite, type, stateKey);
  known.set(name, event);
  return event;
}

/** The rules ask for the power levels again and again. */
function readOnce(read: AuthState['get']): AuthState {
  const known = new Map<string, Pdu | undefined>();
  return {
    get(type, stateKey) {
      const name = stateMapKey(type, stateKey);
      if (!known.has(name)) known.set(name, read(type, stateKey));
      return known.get(name);
    },
  };
}

/** The point, where its line left the parent, where that left its own, and so on down to the room's own line. */
function descent(sqlite: Sqlite, point: StatePoint): StatePoint[] {
  const points = [point];
  for (let { line } = point; line !== 0; ) {
    const { parent, parentAt } = findLine(sqlite, line);
    points.push({ line: parent, at: parentAt });
    line = parent;
  }
  return points;
}

/** All keys for which two states may differ: those that changed since their lines parted. */
export function keysBetween(sqlite: Sqlite, one: StatePoint, other: StatePoint): StateKey[] {
  const ones = descent(sqlite, one);
  const others = descent(sqlite, other);
  const meeting = ones.find(({ line }) => others.some((point) => point.line === line))?.line ?? 0;
  return [...changesAbove(sqlite, ones, others, meeting), ...changesAbove(sqlite, others, ones, meeting)];
}

/** What changed along `path` above the line `meeting`, and on it as far as `path` is ahead of `other`. */
function changesAbove(
  sqlite: Sqlite,
  path: readonly StatePoint[],
  other: readonly StatePoint[],
  meeting: number,
): StateKey[] {
  const changes: StateKey[] = [];
  for (const { line, at } of path) {
    const after = line === meeting ? (other.find((point) => point.line === meeting)?.at ?? 0) : 0;
    changes.push(...(line === 0 ? keysChanged(sqlite, after, at) : lineKeysChanged(sqlite, line, after, at)));
    if (line === meeting) break;
  }
  return changes;
}
