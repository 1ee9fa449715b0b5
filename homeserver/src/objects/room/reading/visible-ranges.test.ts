import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Membership } from '../../../../../matrix/events.ts';
import { maySeeChange, maySeeEvent } from '../../../protocol/visibility.ts';
import { visibleRanges } from './visible-ranges.ts';

const memberships: Membership[] = ['join', 'invite', 'knock', 'leave', 'ban'];
const visibilities = ['world_readable', 'shared', 'invited', 'joined', 'nonsense', undefined];
const newest = 20;

/** Changes at distinct positions, oldest first. */
function changes<Value>(values: readonly Value[]) {
  return fc
    .uniqueArray(
      fc.record({ since: fc.integer({ min: 1, max: newest }), value: fc.constantFrom(...values) }),
      {
        selector: (change) => change.since,
        maxLength: 6,
      },
    )
    .map((list) => list.toSorted((one, other) => one.since - other.since));
}

test('the ranges are the events that the specification lets the user see, one by one', () => {
  fc.assert(
    fc.property(changes(memberships), changes(visibilities), (members, visible) => {
      const ranges = visibleRanges(members, visible, newest);
      const facts = (position: number, behind: number) => ({
        visibility: visible.findLast((change) => change.since <= behind)?.value,
        membership: members.findLast((change) => change.since <= behind)?.value,
        joinedLater: members.some((change) => change.value === 'join' && change.since >= position),
      });
      for (let position = 1; position <= newest; position += 1) {
        const isChange = position > 1 && [...members, ...visible].some((change) => change.since === position);
        const after = facts(position, position);
        const expected = isChange ? maySeeChange(facts(position, position - 1), after) : maySeeEvent(after);
        const found = ranges.some((range) => range.after < position && position <= range.upTo);
        expect(found).toBe(expected);
      }
      ranges.reduce((end, range) => {
        expect(range.after).toBeGreaterThan(end);
        expect(range.upTo).toBeGreaterThan(range.after);
        return range.upTo;
      }, -1);
    }),
    { numRuns: 2000 },
  );
});
