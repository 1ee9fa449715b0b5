import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import type { Stubs } from '../../objects/stubs.ts';

/**
 * Redacts the newest events of a user in each of these rooms.
 * @returns what could not be redacted and why, by event
 */
export async function redactUser(
  stubs: Stubs,
  userId: UserId,
  rooms: readonly RoomId[],
  reason: string | undefined,
  limit: number,
): Promise<Record<string, string>> {
  const failures = await mapConcurrently(rooms, 4, async (roomId) => {
    const result = await stubs.room(roomId).redactEventsOf(userId, reason, limit);
    return result.kind === 'denied' ? { [roomId]: result.error } : result.failed;
  });
  return Object.assign({}, ...failures) as Record<string, string>;
}
