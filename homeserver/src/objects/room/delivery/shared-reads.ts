import type { StateEvent } from '../../../../../matrix/events.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { eventsForward, type StoredEvent } from '../../../storage/room/events.ts';
import { countMembers, hasPending, memberEvents, oldestMembers } from '../../../storage/room/members.ts';
import { type StateKey, unexplainedKeys } from '../../../storage/room/state.ts';
import type { RoomSummary } from '../../room-rpc.ts';
import { serveStateEvents } from '../reading/serve-event.ts';
import type { Room } from '../room.ts';

/** What is the same for all followers of a room: read for the first of them, and kept until the room changes. */

/** Widest gap that is closed by sending the events. */
export const maxDeltaEvents = 100;

/** At most `maxDeltaEvents` with `after < position <= upTo`. */
export function eventsBehind({ sqlite }: Room, after: number, upTo: number): readonly StoredEvent[] {
  return sqlite.untilWritten('events', `${after} ${upTo}`, () =>
    eventsForward(sqlite, after, upTo, maxDeltaEvents),
  );
}

export function unexplainedBehind({ sqlite }: Room, after: number, upTo: number): readonly StateKey[] {
  return sqlite.untilWritten('unexplained keys', `${after} ${upTo}`, () =>
    unexplainedKeys(sqlite, after, upTo),
  );
}

/** Whether a membership waits in the outbox. */
export function anyonePending({ sqlite }: Room): boolean {
  return sqlite.untilWritten('anyone pending', '', () => hasPending(sqlite));
}

export function memberTotals({ sqlite }: Room): Pick<RoomSummary, 'joinedCount' | 'invitedCount'> {
  return sqlite.untilWritten('member totals', '', () => ({
    joinedCount: countMembers(sqlite, 'join'),
    invitedCount: countMembers(sqlite, 'invite'),
  }));
}

/** Those who came first of those who are or will be here, or else of those who were. */
export function oldestOf(
  { sqlite }: Room,
  which: 'present' | 'gone',
  except: UserId,
  limit: number,
): UserId[] {
  const memberships = which === 'present' ? (['join', 'invite'] as const) : (['leave', 'ban'] as const);
  return sqlite
    .untilWritten(`oldest ${which}`, limit, () => oldestMembers(sqlite, memberships, '', limit + 1))
    .filter((userId) => userId !== except)
    .slice(0, limit);
}

/** The member events of these users, as they are served to anybody. */
export function serveMembers(room: Room, userIds: Iterable<UserId>): StateEvent[] {
  const known = room.sqlite.untilWritten(
    'served members',
    '',
    () => new Map<UserId, StateEvent | undefined>(),
  );
  const wanted = [...new Set(userIds)];
  const missing = wanted.filter((userId) => !known.has(userId));
  for (const userId of missing) known.set(userId, undefined);
  const events = missing.length > 0 ? memberEvents(room.sqlite, missing) : [];
  for (const event of serveStateEvents(room, events, {})) known.set(event.state_key as UserId, event);
  return wanted.map((userId) => known.get(userId)).filter((event) => event !== undefined);
}
