import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import { sourceOf } from '../testing/auth-graph.ts';
import { Heap } from './heap.ts';
import { distinctStates } from './split-conflicted.ts';
import { StateSet } from './state-set.ts';

test('a heap gives its items in order, also while it is filled', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant(undefined))), (steps) => {
      const heap = new Heap<number>((one, other) => one < other);
      const expected: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(heap.pop()).toBe(expected.shift());
        else {
          heap.push(step);
          expected.push(step);
          expected.sort((one, other) => one - other);
        }
      }
      expect(expected.map(() => heap.pop())).toEqual(expected);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('a rank is greater than those of all auth events; who is missing has none', () => {
  const edges = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(edges, (chosen) => {
      // References upwards are to events that are not there.
      const auth = chosen.map((refs, index) => refs.map((ref) => (ref < index ? `$${ref}` : `$gone${ref}`)));
      const source = sourceOf(new Map(auth.map((refs, index) => [`$${index}`, refs])));
      const ids = auth.map((_, index) => `$${index}` as EventId).reverse();
      const ranks = source.ranks([...ids, '$gone1' as EventId]);
      expect(new Set(ranks.keys())).toEqual(new Set(ids));
      for (const [index, refs] of auth.entries()) {
        for (const ref of refs) {
          const rank = ranks.get(ref as EventId) ?? 0;
          expect(ranks.get(`$${index}` as EventId)).toBeGreaterThan(rank);
        }
      }
    }),
  );
});

test('F9: 10,000 heads with few states are few states', () => {
  const state = (topic: number) =>
    new Map([
      ['1 a', '$a' as EventId],
      ['1 t', `$t${topic}` as EventId],
    ]);
  const states = Array.from({ length: 10_000 }, (_, index) => state(index % 7));
  expect(distinctStates(states)).toEqual(Array.from({ length: 7 }, (_, index) => state(index)));
});

test('a set of states', () => {
  const some = new StateSet(70);
  some.addState(0);
  some.addState(31);
  some.addState(69);
  const copy = some.copy();
  copy.addAll();
  expect([some.isAll, copy.isAll]).toEqual([false, true]);
  for (let state = 0; state < 69; state += 1) if (state !== 31) some.addState(state);
  expect(some.isAll).toBe(true);
  const sum = new StateSet(2);
  const second = new StateSet(2);
  sum.addState(0);
  second.addState(1);
  sum.add(second);
  expect([sum.isAll, second.isAll]).toEqual([true, false]);
});
