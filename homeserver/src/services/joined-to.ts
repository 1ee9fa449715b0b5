import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Stubs } from '../objects/stubs.ts';

/** Rooms that a restricted room may name, as far as they are looked at. */
const maxAllowedRooms = 50;
/** Requests to rooms under way at once. */
const width = 10;

/**
 * Whether the user is in one of these rooms: for restricted rooms. The rooms are asked, not the user's object,
 * which hears of a change a moment later.
 * @param known answers of earlier calls for the same user, to be kept for later ones
 */
export async function isJoinedToAny(
  stubs: Stubs,
  userId: UserId,
  roomIds: readonly RoomId[],
  known = new Map<RoomId, Promise<boolean>>(),
): Promise<boolean> {
  const ask = async (roomId: RoomId) => {
    const preview = await stubs.room(roomId).readPreview(userId);
    return preview.kind === 'preview' && preview.membership === 'join';
  };
  const answers = await mapConcurrently(roomIds.slice(0, maxAllowedRooms), width, (roomId) => {
    const answer = known.get(roomId) ?? ask(roomId);
    known.set(roomId, answer);
    return answer;
  });
  return answers.includes(true);
}
