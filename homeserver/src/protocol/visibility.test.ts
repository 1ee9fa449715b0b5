import { expect, test } from 'vitest';
import type { Membership } from '../../../matrix/events.ts';
import { maySeeChange, maySeeEvent } from './visibility.ts';

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
