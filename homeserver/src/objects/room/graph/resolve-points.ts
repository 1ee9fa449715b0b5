import type { EventId } from '../../../../../matrix/identifiers.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { resolveDifferences } from '../../../protocol/state-resolution/resolve-differences.ts';
import type { StateKey } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';
import { fullState } from './full-state.ts';
import { RoomEventSource } from './room-event-source.ts';
import { keysBetween, lastChange, type StatePoint, statePosition, statePositions } from './state-point.ts';

/** A state, as what differs in it from one that the room has. */
export interface ResolvedState {
  base: StatePoint;
  changes: { key: StateKey; position: number | undefined }[];
}

/**
 * The state that several states make together. Only the keys for which they can differ are looked at: those that
 * changed since their lines parted.
 */
export function resolvePoints(room: Room, points: readonly [StatePoint, ...StatePoint[]]): ResolvedState {
  const distinct = distinctStates(room, points);
  const [first, ...others] = distinct;
  const keys = new Map<string, StateKey>();
  for (const other of others) {
    for (const key of keysBetween(room.sqlite, first, other))
      keys.set(stateMapKey(key.type, key.stateKey), key);
  }
  const found = distinct.map((point) => statePositions(room.sqlite, point, [...keys.values()]));
  const differing = [...keys]
    .map(([name, key], index) => ({ name, key, positions: found.map((positions) => positions[index]) }))
    .filter(({ positions }) => positions.some((position) => position !== positions[0]));
  if (differing.length === 0) return { base: first, changes: [] };

  const source = new RoomEventSource(room);
  source.load(differing.flatMap(({ positions }) => positions));
  const states = distinct.map(
    (_, index) =>
      new Map(
        differing.flatMap(({ name, positions }): [string, EventId][] => {
          const position = positions[index];
          return position === undefined ? [] : [[name, source.idAt(position)]];
        }),
      ),
  );
  const isDiffering = new Set(differing.map(({ name }) => name));
  const shared = {
    get: (type: string, stateKey: string) => {
      if (isDiffering.has(stateMapKey(type, stateKey))) return undefined;
      const position = statePosition(room.sqlite, first, { type, stateKey });
      return position === undefined ? undefined : source.idAt(position);
    },
    eventIds: () => {
      const positions = [...fullState(room.sqlite, first)]
        .filter(([name]) => !isDiffering.has(name))
        .map(([, entry]) => entry.position);
      source.load(positions);
      return positions.map((position) => source.idAt(position));
    },
  };
  const resolved = resolveDifferences(states, shared, source, room.version);
  for (const [name, eventId] of resolved) {
    const { type, state_key: stateKey = '' } = source.get(eventId) ?? { type: '' };
    if (!isDiffering.has(name)) differing.push({ name, key: { type, stateKey }, positions: [] });
  }
  const outcomes = differing.map(({ name, key, positions }) => {
    const winner = resolved.get(name);
    return { key, positions, position: winner === undefined ? undefined : source.positionOf(winner) };
  });
  return distinct
    .map((base, index) => ({
      base,
      changes: outcomes
        .filter(({ position, positions }) => position !== positions[index])
        .map(({ key, position }) => ({ key, position })),
    }))
    .reduce((best, next) => (next.changes.length < best.changes.length ? next : best));
}

/** Branches that set nothing have the state of where they left. */
function distinctStates(
  room: Room,
  points: readonly [StatePoint, ...StatePoint[]],
): [StatePoint, ...StatePoint[]] {
  const [first, ...others] = points;
  if (others.length === 0) return [first];
  const nameOf = (point: StatePoint) => {
    const { line, at } = lastChange(room.sqlite, point);
    return `${line} ${at}`;
  };
  const seen = new Set([nameOf(first)]);
  const further = others.filter((point) => {
    const name = nameOf(point);
    return !seen.has(name) && seen.add(name);
  });
  return [first, ...further];
}
