import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import { chainOf, sourceOf } from '../testing/auth-graph.ts';
import { conflictedSubgraph } from './conflicted-subgraph.ts';
import { EventGraph } from './event-graph.ts';
import type { EventSource, StateMap } from './event-source.ts';
import { fullConflictedSet } from './full-conflicted-set.ts';
import { emptyState } from './shared-state.ts';
import { splitConflicted } from './split-conflicted.ts';

/** As the specification words it, with whole chains. */
const reference = {
  chain(eventIds: Iterable<EventId>, source: EventSource): Set<EventId> {
    const chain = new Set(eventIds);
    // A set that grows while it is walked is walked to its end.
    for (const eventId of chain) {
      for (const authId of source.get(eventId)?.auth_events ?? []) chain.add(authId as EventId);
    }
    return new Set([...chain].filter((eventId) => source.get(eventId)));
  },
  fullConflictedSet(states: readonly StateMap[], source: EventSource): Set<EventId> {
    const chains = states.map((state) => reference.chain(state.values(), source));
    const difference = chains
      .flatMap((chain) => [...chain])
      .filter((eventId) => !chains.every((chain) => chain.has(eventId)));
    return new Set([...splitConflicted(states).conflicted.keys(), ...difference]);
  },
  subgraph(conflicted: ReadonlySet<EventId>, source: EventSource): Set<EventId> {
    const under = reference.chain(conflicted, source);
    const leadsToConflict = (eventId: EventId) =>
      [...reference.chain([eventId], source)].some((below) => conflicted.has(below));
    return new Set([...under].filter(leadsToConflict));
  },
};

function fullSet(states: readonly StateMap[], source: EventSource): Set<EventId> {
  const { conflicted, unconflicted } = splitConflicted(states);
  const shared = new Set(unconflicted.values());
  // The state key of each event is its id.
  const get = (_: string, stateKey: string) =>
    shared.has(stateKey as EventId) ? (stateKey as EventId) : undefined;
  return fullConflictedSet(conflicted, { get, eventIds: () => shared }, new EventGraph(source));
}

const stateOf = (entries: readonly (readonly [number, number])[]): StateMap =>
  new Map(entries.map(([key, event]) => [`1 x$${key}`, `$${event}` as EventId]));

/** Events by number, each resting on some with lower numbers; states of shared events and others. */
const scene = fc
  .record({
    edges: fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 60 }),
    shared: fc.array(fc.nat(), { maxLength: 6 }),
    states: fc.array(fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat()), { maxLength: 6 }), {
      minLength: 2,
      maxLength: 40,
    }),
  })
  .map(({ edges, shared, states }) => {
    const count = edges.length;
    const auth = edges.map((chosen, index): [string, string[]] => [
      `$${index}`,
      index === 0 ? [] : [...new Set(chosen.map((other) => `$${other % index}`))],
    ]);
    const common = shared.map((event): [number, number] => [event % count, event % count]);
    const isCommon = new Set(common.map(([key]) => key));
    return {
      source: sourceOf(new Map(auth)),
      states: states.map((state) =>
        stateOf([
          ...common,
          ...state
            .map(([key, event]): [number, number] => [100 + key, event % count])
            .filter(([, event]) => !isCommon.has(event)),
        ]),
      ),
    };
  });

describe('equal to what whole chains give', () => {
  test('fullConflictedSet', () => {
    fc.assert(
      fc.property(scene, ({ source, states }) => {
        expect(fullSet(states, source)).toEqual(reference.fullConflictedSet(states, source));
      }),
      { numRuns: 1000 },
    );
  });

  test('conflictedSubgraph', () => {
    fc.assert(
      fc.property(scene, ({ source, states }) => {
        const conflicted = new Set(splitConflicted(states).conflicted.keys());
        expect(conflictedSubgraph(conflicted, new EventGraph(source))).toEqual(
          reference.subgraph(conflicted, source),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is read', () => {
  /** Two events on the ends of a long chain, as all events rest on the create event. */
  function fork(length: number) {
    const edges = Array.from({ length }, (_, index): [string, string[]] => [
      `$${index}`,
      index === 0 ? [] : [`$${index - 1}`],
    ]);
    const source = sourceOf(
      new Map([
        ...edges,
        ...['$left', '$right'].map((id): [string, string[]] => [id, ['$0', `$${length - 1}`]]),
      ]),
    );
    const read = new Set<EventId>();
    const counting: EventSource = {
      ...source,
      get: (eventId) => {
        read.add(eventId);
        return source.get(eventId);
      },
    };
    return { counting, read };
  }

  test('nothing below the point where the chains meet', () => {
    const { counting, read } = fork(5000);
    const states = ['$left', '$right'].map((id) => new Map([['1 y', id as EventId]]));
    expect(fullSet(states, counting)).toEqual(new Set(['$left', '$right']));
    expect([...read].sort()).toEqual(['$left', '$right']);
  });

  test('nothing below the lowest event between which paths are sought', () => {
    const { counting, read } = fork(5000);
    const graph = new EventGraph(counting);
    const ends = ['$4990', '$left'] as EventId[];
    expect(conflictedSubgraph(ends, graph).size).toBe(11);
    expect(read.size).toBeLessThan(15);
  });
});

test('F9: a chain of 5,000 events on one side alone', () => {
  const { graph, top, bottom } = chainOf(5000);
  const { conflicted } = splitConflicted([new Map([['1 y', top]]), new Map([['1 y', bottom]])]);
  expect(fullConflictedSet(conflicted, emptyState, graph).size).toBe(5000);
});
