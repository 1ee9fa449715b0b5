import { describe, expect, test } from 'vitest';
import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { authChain, authDifference, conflictedSubgraph } from './auth-chain.ts';
import { EventGraph } from './event-source.ts';

/** A graph of auth events, by one-letter names. */
function graphOf(edges: Record<string, string>): EventGraph {
  const events = new Map(
    Object.entries(edges).map(([id, auth]) => [id as EventId, { auth_events: [...auth] } as unknown as Pdu]),
  );
  return new EventGraph({ get: (eventId) => events.get(eventId) });
}

const ids = (text: string) => new Set([...text] as EventId[]);
const text = (set: Iterable<EventId>) => [...set].sort().join('');
const state = (names: string) => new Map([...names].map((name, index) => [String(index), name as EventId]));

describe('authChain', () => {
  const graph = graphOf({ a: '', b: 'a', c: 'ab', d: 'c', e: 'x' });
  test('all the way down', () => expect(text(authChain(ids('d'), graph))).toBe('abc'));
  test('what is missing is passed over', () => expect(text(authChain(ids('e'), graph))).toBe(''));
  test('references in a circle end', () => {
    expect(text(authChain(ids('a'), graphOf({ a: 'b', b: 'c', c: 'a' })))).toBe('abc');
  });
});

describe('authDifference', () => {
  const graph = graphOf({ a: '', b: 'a', c: 'ab', d: 'ab', e: 'ad', f: 'a' });
  test('what not all chains have', () => {
    const states = [state('ac'), state('ae')];
    expect(text(authDifference(states, state('a'), graph))).toBe('cde');
    expect(text(authDifference([state('ac'), state('af')], state('a'), graph))).toBe('bcf');
  });
  test('the chain of what is agreed on belongs to all', () => {
    expect(text(authDifference([state('dc'), state('df')], state('d'), graph))).toBe('cf');
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
  test('a long chain does not exhaust the stack', () => {
    const length = 50_000;
    const events = new Map(
      Array.from({ length }, (_, index) => [
        `$${index}` as EventId,
        { auth_events: index === 0 ? [] : [`$${index - 1}`] } as unknown as Pdu,
      ]),
    );
    const graph = new EventGraph({ get: (eventId) => events.get(eventId) });
    const ends = new Set(['$0', `$${length - 1}`] as EventId[]);
    expect(conflictedSubgraph(ends, graph).size).toBe(length);
  });
});
