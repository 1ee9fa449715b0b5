import { stateMapKey } from '../../../protocol/state-map.ts';
import { eventAt, type StoredEvent } from '../../../storage/room/events.ts';
import { type StateKey, statePositionAt } from '../../../storage/room/state.ts';
import type { StateCorrections } from '../../room-rpc.ts';
import { serveStateEvents } from '../reading/serve-event.ts';
import type { Room } from '../room.ts';
import { unexplainedBehind } from './shared-reads.ts';

/**
 * What a follower would have wrong if it took each state event among `events` as the state from then on: where
 * branches of the room met, an older event may be in force again, and a newer one not.
 * @param from position before `events`
 * @param visible those of `events` that the follower gets
 */
export function stateCorrections(
  room: Room,
  from: number,
  events: readonly StoredEvent[],
  visible: readonly StoredEvent[],
): { corrections?: StateCorrections } {
  const upTo = events.at(-1)?.position ?? from;
  const keys = new Map<string, StateKey>();
  const add = (key: StateKey) => keys.set(stateMapKey(key.type, key.stateKey), key);
  for (const key of unexplainedBehind(room, from, upTo)) add(key);
  for (const { place, type, stateKey } of events) {
    if (place && stateKey !== undefined) add({ type, stateKey });
  }
  if (keys.size === 0) return {};
  const latest = new Map(
    visible.map(({ type, stateKey, position }) => [stateMapKey(type, stateKey ?? ''), position]),
  );
  const set: StoredEvent[] = [];
  const removed: StateKey[] = [];
  for (const [name, key] of keys) {
    const position = statePositionAt(room.sqlite, key, upTo);
    if (latest.has(name) && position === latest.get(name)) continue;
    const event = position === undefined ? undefined : eventAt(room.sqlite, position);
    if (event) set.push(event);
    else removed.push(key);
  }
  if (set.length === 0 && removed.length === 0) return {};
  return { corrections: { set: serveStateEvents(room, set, {}), removed } };
}
