import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Config } from '../config.ts';
import type { Stubs } from '../objects/stubs.ts';
import { existingUsers, isLocal } from './local-accounts.ts';

/** Requests to rooms under way at once. */
const width = 10;

/** Rooms that both users are joined to, in the order of their ids; none if the other does not exist. */
export async function mutualRooms(
  { db, config, stubs }: { db: DrizzleD1Database; config: Config; stubs: Stubs },
  userId: UserId,
  other: UserId,
): Promise<RoomId[]> {
  const own = (await stubs.user(userId).joinedRooms()).toSorted();
  if (isLocal(other, config)) {
    if (!(await existingUsers(db, config, [other])).has(other)) return [];
    const theirs = new Set(await stubs.user(other).joinedRooms());
    return own.filter((roomId) => theirs.has(roomId));
  }
  // Where users of other servers are, only the rooms know.
  const members = await mapConcurrently(own, width, (roomId) =>
    stubs.room(roomId).readStateEvent(userId, 'm.room.member', other),
  );
  return own.filter((_, index) => {
    const member = members[index];
    return member?.kind === 'event' && member.event.content.membership === 'join';
  });
}
