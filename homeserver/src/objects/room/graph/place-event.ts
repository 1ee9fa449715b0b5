import type { EventId } from '../../../../../matrix/identifiers.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { eventsById, type LinePlace, newestPosition } from '../../../storage/room/events.ts';
import { findLine, insertLine, setLineState, setLineSteps } from '../../../storage/room/lines.ts';
import type { StateKey } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';
import { fullState } from './full-state.ts';
import type { ResolvedState } from './resolve-points.ts';
import { resolvePoints } from './resolve-points.ts';
import {
  keysBetween,
  type Placed,
  pointBehind,
  type StatePoint,
  statePosition,
  timelinePoint,
} from './state-point.ts';

/** Lines that leave lines; a deeper one is written down as what differs from the room's own line instead. */
const maxDepth = 16;

/** The state before an event whose previous events all have a place. Before the create event there is none. */
export function stateBefore(room: Room, prevEvents: readonly Placed[]): ResolvedState {
  const [first, ...others] = prevEvents.map((event) => {
    const point = pointBehind(event);
    if (!point) throw new Error(`${event.eventId} has no place`);
    return point;
  });
  if (!first) return { base: timelinePoint(0), changes: [] };
  return resolvePoints(room, [first, ...others]);
}

/** The state that consists of these events, which are all there. What cannot be part of a state is passed over. */
export function stateOfEvents(room: Room, eventIds: readonly EventId[]): ResolvedState {
  const base = timelinePoint(newestPosition(room.sqlite));
  const before = fullState(room.sqlite, base);
  const changes: ResolvedState['changes'] = [];
  const told = new Set<string>();
  for (const { type, stateKey, position, verdict } of eventsById(room.sqlite, eventIds)) {
    const name = stateMapKey(type, stateKey ?? '');
    if (stateKey === undefined || verdict === 'rejected' || told.has(name)) continue;
    told.add(name);
    if (before.get(name)?.position !== position) changes.push({ key: { type, stateKey }, position });
    before.delete(name);
  }
  for (const { type, stateKey } of before.values()) {
    // What was told lacks the members as well.
    if (room.isPartial && type === 'm.room.member') continue;
    changes.push({ key: { type, stateKey }, position: undefined });
  }
  return { base, changes };
}

/** Makes a place for an event behind a state: on the line whose end that is, else on a new one. */
export function makePlace(room: Room, state: ResolvedState): LinePlace {
  const continued = stepAfter(room, state.base);
  const place = continued ?? branchOff(room, state);
  const changes = continued || isShallow(room, state.base) ? state.changes : fromOwnLine(room, state);
  for (const { key, position } of changes) {
    setLineState(room.sqlite, place.line, key, 2 * place.step, position);
  }
  return place;
}

/** A state event on a line: behind it the key is its own. */
export function setOwnKey(room: Room, { line, step }: LinePlace, key: StateKey, position: number): void {
  setLineState(room.sqlite, line, key, 2 * step + 1, position);
}

function stepAfter(room: Room, { line, at }: StatePoint): LinePlace | undefined {
  if (line === 0) return undefined;
  const { steps } = findLine(room.sqlite, line);
  if (at !== 2 * steps + 1) return undefined;
  setLineSteps(room.sqlite, line, steps + 1);
  return { line, step: steps + 1 };
}

function branchOff(room: Room, { base }: ResolvedState): LinePlace {
  const parent = isShallow(room, base) ? base : timelinePoint(newestPosition(room.sqlite));
  const depth = parent.line === 0 ? 1 : findLine(room.sqlite, parent.line).depth + 1;
  const line = insertLine(room.sqlite, { parent: parent.line, parentAt: parent.at, depth, steps: 1 });
  return { line, step: 1 };
}

function isShallow(room: Room, { line }: StatePoint): boolean {
  return line === 0 || findLine(room.sqlite, line).depth < maxDepth;
}

/** The same state, as what differs from the room's own line. */
function fromOwnLine(room: Room, { base, changes }: ResolvedState): ResolvedState['changes'] {
  const own = timelinePoint(newestPosition(room.sqlite));
  const changed = new Map(
    changes.map((change) => [stateMapKey(change.key.type, change.key.stateKey), change]),
  );
  for (const key of keysBetween(room.sqlite, base, own)) {
    const name = stateMapKey(key.type, key.stateKey);
    if (!changed.has(name)) changed.set(name, { key, position: statePosition(room.sqlite, base, key) });
  }
  return [...changed.values()].filter(
    ({ key, position }) => statePosition(room.sqlite, own, key) !== position,
  );
}
