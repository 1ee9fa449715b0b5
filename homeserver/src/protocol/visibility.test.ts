import { describe, expect, test } from 'vitest';
import type { Membership } from '../../../matrix/events.ts';
import { maySeeChange, maySeeEvent, mayServerSeeChange, mayServerSeeEvent } from './visibility.ts';

const memberships: (Membership | undefined)[] = ['join', 'invite', 'knock', 'leave', 'ban', undefined];

test.each<[string | undefined, (Membership | undefined)[], boolean]>([
  // visibility, who may see the event at once, whether a later join helps
  ['world_readable', memberships, true],
  ['shared', ['join'], true],
  [undefined, ['join'], true],
  ['unheard', ['join'], true],
  ['invited', ['join', 'invite'], false],
  ['joined', ['join'], false],
])('%s', (visibility, atOnce, laterHelps) => {
  for (const membership of memberships) {
    const now = atOnce.includes(membership);
    expect(maySeeEvent({ visibility, membership, joinedLater: false })).toBe(now);
    expect(maySeeEvent({ visibility, membership, joinedLater: true })).toBe(now || laterHelps);
  }
});

test('a change is seen if either side of it allows', () => {
  const open = { visibility: 'world_readable', membership: undefined, joinedLater: false };
  const closed = { ...open, visibility: 'joined' };
  expect(maySeeChange(open, closed)).toBe(true);
  expect(maySeeChange(closed, open)).toBe(true);
  expect(maySeeChange(closed, closed)).toBe(false);
  expect(maySeeChange(closed, { ...closed, membership: 'join' })).toBe(true);
});

const visibilities = ['world_readable', 'shared', 'invited', 'joined'] as const;
type Visibility = (typeof visibilities)[number];

/** The rules of the specification, in its order. */
function byTheRules(
  visibility: Visibility,
  membership: Membership | undefined,
  joinedLater: boolean,
): boolean {
  if (visibility === 'world_readable') return true;
  if (membership === 'join') return true;
  if (visibility === 'shared' && joinedLater) return true;
  return membership === 'invite' && visibility === 'invited';
}

describe.each(visibilities)('from %s', (from) => {
  test.each(visibilities)('to %s: seen by whom either lets', (to) => {
    for (const membership of memberships) {
      for (const joinedLater of [false, true]) {
        const facts = { membership, joinedLater };
        expect(maySeeChange({ ...facts, visibility: from }, { ...facts, visibility: to })).toBe(
          byTheRules(from, membership, joinedLater) || byTheRules(to, membership, joinedLater),
        );
      }
    }
  });

  test('every change of the own membership', () => {
    for (const before of memberships) {
      for (const after of memberships) {
        for (const joinedLater of [false, true]) {
          const facts = { visibility: from, joinedLater };
          expect(maySeeChange({ ...facts, membership: before }, { ...facts, membership: after })).toBe(
            byTheRules(from, before, joinedLater) || byTheRules(from, after, joinedLater),
          );
        }
      }
    }
  });
});

test('one always sees oneself come and go', () => {
  const facts = { visibility: 'joined', joinedLater: false };
  for (const other of memberships) {
    const [there, gone] = [
      { ...facts, membership: 'join' as const },
      { ...facts, membership: other },
    ];
    expect(maySeeChange(there, gone)).toBe(true);
    expect(maySeeChange(gone, there)).toBe(true);
  }
  expect(maySeeChange({ ...facts, membership: 'invite' }, { ...facts, membership: 'leave' })).toBe(false);
});

describe('a server of the room', () => {
  test.each<[unknown, (Membership | undefined)[], boolean]>([
    ['world_readable', [], true],
    ['shared', [], true],
    ['shared', ['ban'], true],
    [undefined, [], true],
    ['unheard', [], true],
    [5, [], true],
    ['invited', [], false],
    ['invited', ['leave', 'ban', 'knock', undefined], false],
    ['invited', ['leave', 'invite'], true],
    ['invited', ['join'], true],
    ['joined', [], false],
    ['joined', ['invite', 'leave', 'knock', undefined], false],
    ['joined', ['invite', 'join'], true],
  ])('%s, its users %j: %s', (visibility, memberships, expected) => {
    expect(mayServerSeeEvent({ visibility, memberships })).toBe(expected);
  });

  test('sees no less than any of its users', () => {
    for (const visibility of [...visibilities, 'unheard']) {
      for (const one of memberships) {
        for (const other of memberships) {
          const users = [one, other];
          const anyUser = users.some((membership) =>
            maySeeEvent({ visibility, membership, joinedLater: true }),
          );
          expect(mayServerSeeEvent({ visibility, memberships: users })).toBe(anyUser);
        }
      }
    }
  });

  test('sees the changes that one side shows', () => {
    const joined = { visibility: 'joined', memberships: ['leave' as const] };
    const shared = { ...joined, visibility: 'shared' };
    expect(mayServerSeeChange(joined, shared)).toBe(true);
    expect(mayServerSeeChange(shared, joined)).toBe(true);
    expect(mayServerSeeChange(joined, joined)).toBe(false);
    expect(mayServerSeeChange(joined, { ...joined, memberships: ['join'] })).toBe(true);
  });
});
