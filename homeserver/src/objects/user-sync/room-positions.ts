import type { RoomId } from '../../../../matrix/identifiers.ts';
import { parseSlidingToken } from '../../protocol/sync/sliding-token.ts';
import { parseSyncToken } from '../../protocol/sync/sync-token.ts';
import { parseThreadToken } from '../../protocol/sync/thread-token.ts';
import { ringPositionsAt } from '../../storage/user-sync/ring.ts';
import { findRoom } from '../../storage/user-sync/rooms.ts';
import type { UserContext } from './user-context.ts';

/**
 * Where a room stood at a token of `/sync` or a `pos` of sliding sync. A token older than the events that are
 * kept gives the place before the oldest of them.
 */
export function roomPositionAt(user: UserContext, roomId: RoomId, token: string): number | undefined {
  const position = positionOfToken(user, token);
  const room = findRoom(user.sqlite, roomId);
  if (position === undefined || !room) return undefined;
  if (position >= room.eventAt) return room.roomPosition;
  const { reached, oldest } = ringPositionsAt(user.sqlite, roomId, position, room.ringStart);
  if (reached !== null) return reached;
  return oldest === null ? room.roomPosition : oldest - 1;
}

/** The place in the user's stream of a token of either sync, or of `/thread_subscriptions`. */
export function positionOfToken(user: UserContext, token: string): number | undefined {
  const { tag, last } = user.stream;
  const at = parseSyncToken(token, tag, last) ?? parseSlidingToken(token, tag, last);
  return at?.position ?? parseThreadToken(token);
}
