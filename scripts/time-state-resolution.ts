/**
 * Times state resolution on large forks, in memory: `node scripts/time-state-resolution.ts`. The times are for
 * docs/performance.md; the numbers of events read are exact.
 */

import { authTypesFor } from '../homeserver/src/protocol/auth-rules/auth-types.ts';
import { eventIdOf, referenceTo } from '../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../homeserver/src/protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../homeserver/src/protocol/room-versions.ts';
import { stateMapKey } from '../homeserver/src/protocol/state-map.ts';
import { withRanks } from '../homeserver/src/protocol/state-resolution/ranked-source.ts';
import { resolveState } from '../homeserver/src/protocol/state-resolution/resolve.ts';
import { testRoom } from '../homeserver/src/protocol/testing/room.ts';
import type { EventId } from '../matrix/identifiers.ts';
import type { JsonObject } from '../matrix/json.ts';

type State = Map<string, EventId>;

class LargeRoom {
  readonly events = new Map<EventId, Pdu>();
  readonly state: State = new Map();
  readonly #version: RoomVersion;
  readonly #room: ReturnType<typeof testRoom>;

  constructor(version: RoomVersion) {
    this.#version = version;
    this.#room = testRoom(version);
    this.#store(this.state, this.#room.create);
    this.join(this.state, '@creator:one');
    this.levels(this.state, '@creator:one', 0);
    this.add(this.state, '@creator:one', 'm.room.join_rules', '', { join_rule: 'public' });
    this.join(this.state, '@admin:one');
  }

  add(state: State, sender: string, type: string, stateKey: string, content: JsonObject = {}): void {
    const draft = this.#room.event({ type, sender, state_key: stateKey, content });
    const authEvents = authTypesFor(draft, this.#version)
      .map(([authType, authKey]) => this.events.get(state.get(stateMapKey(authType, authKey)) as EventId))
      .filter((event) => event !== undefined)
      .map((event) => referenceTo(event, this.#version));
    const serial = this.events.size;
    const id = this.#version.eventIds === 'assigned' ? { event_id: `$${serial}:one` as EventId } : {};
    this.#store(state, { ...draft, ...id, auth_events: authEvents, depth: serial, origin_server_ts: serial });
  }

  join(state: State, userId: string, displayname = ''): void {
    this.add(state, userId, 'm.room.member', userId, { membership: 'join', displayname });
  }

  levels(state: State, sender: string, level: number): void {
    const creator = this.#version.creatorsHaveInfinitePower ? {} : { '@creator:one': 100 };
    const users = { ...creator, '@admin:one': 100, '@other:one': level };
    this.add(state, sender, 'm.room.power_levels', '', { users, state_default: 0 });
  }

  #store(state: State, event: Pdu): void {
    const eventId = eventIdOf(event, this.#version);
    this.events.set(eventId, event);
    state.set(stateMapKey(event.type, event.state_key ?? ''), eventId);
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** States of a room, by what has happened in it. */
const forks: Record<string, (room: LargeRoom) => State[]> = {
  '2 × 2,500 joins and topics of keys of their own': (room) =>
    ['left', 'right'].map((side) => {
      const state = new Map(room.state);
      for (const user of numbers(1250).map((index) => `@${side}${index}:one`)) {
        room.join(state, user);
        room.add(state, user, 'topic', user.slice(1));
      }
      return state;
    }),
  '2 × 2,500 changes of the same members': (room) => {
    for (const index of numbers(2500)) room.join(room.state, `@${index}:one`);
    return ['left', 'right'].map((side) => {
      const state = new Map(room.state);
      for (const index of numbers(2500)) room.join(state, `@${index}:one`, side);
      return state;
    });
  },
  '2 × 2,500 kicks and bans of the same members': (room) => {
    for (const index of numbers(2500)) room.join(room.state, `@${index}:one`);
    return ['leave', 'ban'].map((membership) => {
      const state = new Map(room.state);
      for (const index of numbers(2500)) {
        room.add(state, '@admin:one', 'm.room.member', `@${index}:one`, { membership });
      }
      return state;
    });
  },
  '5,000 power levels in a row against a topic': (room) => {
    const [left, right] = [new Map(room.state), new Map(room.state)];
    for (const index of numbers(5000)) room.levels(left, '@admin:one', index % 90);
    room.add(right, '@admin:one', 'm.room.topic', '');
    return [left, right];
  },
  'two topics in a room of 20,000 members': (room) => {
    for (const index of numbers(20_000)) room.join(room.state, `@${index}:one`);
    return [1, 2].map((index) => {
      const state = new Map(room.state);
      room.add(state, `@${index}:one`, 'm.room.topic', '');
      return state;
    });
  },
  '10,000 heads with 100 different states': (room) => {
    const states = numbers(100).map((index) => {
      const state = new Map(room.state);
      const user = `@${index}:one`;
      room.join(state, user);
      for (const key of numbers(50)) room.add(state, user, 'x', String(key));
      return state;
    });
    return numbers(10_000).map((index) => new Map(states[index % states.length]));
  },
};

for (const [name, fork] of Object.entries(forks)) {
  for (const id of ['1', '10', '12']) {
    const version = roomVersion(id);
    if (!version) continue;
    const room = new LargeRoom(version);
    const states = fork(room);
    const timesMs = numbers(3).map(() => {
      const events = source(room);
      const startMs = performance.now();
      resolveState(states, events, version);
      return performance.now() - startMs;
    });
    const read = new Set<EventId>();
    resolveState(
      states,
      source(room, (eventId) => read.add(eventId)),
      version,
    );
    const best = Math.min(...timesMs).toFixed(0);
    console.log(`${name}, version ${id}: ${best} ms, ${read.size} of ${room.events.size} events read`);
  }
}

/** As a server has it: the ranks are known before. */
function source(room: LargeRoom, onRead?: (eventId: EventId) => void) {
  const ranked = withRanks({ get: (eventId) => room.events.get(eventId) });
  ranked.ranks([...room.events.keys()]);
  const get = (eventId: EventId) => {
    onRead?.(eventId);
    return room.events.get(eventId);
  };
  return { ...ranked, get };
}
