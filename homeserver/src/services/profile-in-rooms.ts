import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import { log } from '../../../platform/log.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import { readProfile } from '../storage/d1/profiles.ts';
import { type AppendParts, appendEvent } from './append-event.ts';

/** Rooms written to at once: gentle enough that the user's other requests are not held up. */
const width = 5;

/**
 * Brings the user's member events up to the profile as it is now, so that of two changes at once the newer
 * one wins. A room that refuses (the user has just left, say) keeps its event; so do rooms of a run that
 * is cut off, until the next change. The rooms of application services' users are not known here: bridges
 * set their names in the rooms themselves.
 */
export async function tellRoomsOfProfile(
  db: DrizzleD1Database,
  parts: AppendParts,
  userId: UserId,
): Promise<void> {
  const rooms = await parts.stubs.user(userId).joinedRooms();
  if (rooms.length === 0) return;
  const { displayname, avatar_url } = await readProfile(db, userId);
  let refused = 0;
  await mapConcurrently(rooms, width, async (roomId) => {
    const result = await appendEvent(parts, roomId, {
      sender: userId,
      type: 'm.room.member',
      stateKey: userId,
      content: { membership: 'join', displayname, avatar_url },
    });
    if (result.kind === 'denied') refused += 1;
  });
  if (refused > 0) log('info', 'profile.rooms_refused', { rooms: rooms.length, refused });
}
