import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import { type AppendParts, appendEvent } from '../append-event.ts';

/**
 * Redacts the newest events of a user in each of these rooms.
 * @returns what could not be redacted and why, by event
 */
export async function redactUser(
  parts: AppendParts,
  userId: UserId,
  rooms: readonly RoomId[],
  reason: string | undefined,
  limit: number,
): Promise<Record<string, string>> {
  const failures = await mapConcurrently(rooms, 4, async (roomId) => {
    const result = await parts.stubs.room(roomId).redactEventsOf(userId, reason, limit);
    if (result.kind === 'denied') return { [roomId]: result.error };
    const { failed } = result;
    // Where the room has a policy server, it is asked for each.
    for (const redaction of result.unsigned) {
      const appended = await appendEvent(parts, roomId, redaction);
      if (appended.kind === 'denied' && redaction.redacts) failed[redaction.redacts] = appended.error;
    }
    return failed;
  });
  return Object.assign({}, ...failures) as Record<string, string>;
}
