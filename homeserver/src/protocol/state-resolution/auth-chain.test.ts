import { describe, expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import { chainOf, graphOf } from '../testing/auth-graph.ts';
import { authChain } from './auth-chain.ts';
import { conflictedSubgraph } from './conflicted-subgraph.ts';

const ids = (text: string) => new Set([...text] as EventId[]);
const text = (set: Iterable<EventId>) => [...set].sort().join('');

describe('authChain', () => {
  const graph = graphOf({ a: '', b: 'a', c: 'ab', d: 'c', e: 'x' });

  test('all the way down', () => expect(text(authChain(ids('d'), graph))).toBe('abc'));
  test('down to a rank', () =>
    expect(text(authChain(ids('d'), graph, graph.rank('b' as EventId)))).toBe('bc'));
  test('what is missing is passed over', () => expect(text(authChain(ids('e'), graph))).toBe(''));
  test('references in a circle end', () => {
    expect(text(authChain(ids('a'), graphOf({ a: 'b', b: 'c', c: 'a' })))).toBe('abc');
  });
});

describe('conflictedSubgraph', () => {
  test('the paths between conflicted events', () => {
    const graph = graphOf({ a: '', b: 'a', c: 'b', d: 'c', e: 'bd', f: 'a' });
    expect(text(conflictedSubgraph(ids('ae'), graph))).toBe('abcde');
    expect(text(conflictedSubgraph(ids('be'), graph))).toBe('bcde');
    expect(text(conflictedSubgraph(ids('ef'), graph))).toBe('ef');
  });

  test('both ways around a diamond', () => {
    const graph = graphOf({ a: '', b: 'a', c: 'a', d: 'bc' });
    expect(text(conflictedSubgraph(ids('ad'), graph))).toBe('abcd');
    expect(text(conflictedSubgraph(ids('bd'), graph))).toBe('bd');
  });

  test('none', () => expect(conflictedSubgraph(new Set(), graphOf({})).size).toBe(0));

  test('F9: a long chain does not exhaust the stack', () => {
    const { graph, top, bottom } = chainOf(50_000);
    expect(conflictedSubgraph([bottom, top], graph).size).toBe(50_000);
  });
});
