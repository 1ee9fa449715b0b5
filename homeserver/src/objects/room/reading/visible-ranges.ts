import type { Membership } from '../../../../../matrix/events.ts';
import { maySeeEvent } from '../../../protocol/visibility.ts';
import type { Range } from '../../../storage/room/events.ts';

interface Change<Value> {
  /** The event that made the change. */
  since: number;
  value: Value;
}

/**
 * Which events a user may read, for a whole room at once: the membership and the visibility are constant
 * between the events that change them.
 * @param memberships the user's, oldest first
 * @param visibilities values of `history_visibility`, oldest first
 * @returns ascending ranges that do not touch
 */
export function visibleRanges(
  memberships: readonly Change<Membership>[],
  visibilities: readonly Change<unknown>[],
  newest: number,
): Range[] {
  const lastJoin = memberships.findLast((change) => change.value === 'join')?.since ?? 0;
  const allows = (position: number, membership: Membership | undefined, visibility: unknown): boolean =>
    maySeeEvent({ visibility, membership, joinedLater: position <= lastJoin });
  const boundaries = [...new Set([1, ...memberships.map(since), ...visibilities.map(since)])]
    .filter((position) => position <= newest)
    .sort((one, other) => one - other);
  const ranges: Range[] = [];
  let membership: Membership | undefined;
  let visibility: unknown;
  boundaries.forEach((start, index) => {
    const end = (boundaries[index + 1] ?? newest + 1) - 1;
    // The event that changes one of them is judged by what was before it, too.
    const visibleBefore = index > 0 && allows(start, membership, visibility);
    membership = valueAt(memberships, start);
    visibility = valueAt(visibilities, start);
    if (allows(start, membership, visibility)) add(ranges, { after: start - 1, upTo: end });
    else if (visibleBefore) add(ranges, { after: start - 1, upTo: start });
  });
  return ranges;
}

export function isWithin(ranges: readonly Range[], position: number): boolean {
  return ranges.some((range) => range.after < position && position <= range.upTo);
}

const since = (change: Change<unknown>): number => change.since;

function valueAt<Value>(changes: readonly Change<Value>[], position: number): Value | undefined {
  return changes.findLast((change) => change.since <= position)?.value;
}

function add(ranges: Range[], range: Range): void {
  const last = ranges.at(-1);
  if (last && last.upTo === range.after) last.upTo = range.upTo;
  else ranges.push({ ...range });
}
