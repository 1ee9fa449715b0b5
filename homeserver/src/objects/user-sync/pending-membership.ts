import type { RoomId } from '../../../../matrix/identifiers.ts';
import { findRoom } from '../../storage/user-sync/rooms.ts';
import type { PendingMembership } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

/** An invitation or knock; nothing for rooms that the user is in, or has no part in. */
export function pendingMembership({ sqlite }: UserContext, roomId: RoomId): PendingMembership | undefined {
  const room = findRoom(sqlite, roomId);
  if (room?.membership !== 'invite' && room?.membership !== 'knock') return undefined;
  const strippedState = room.strippedState ?? [];
  const create = strippedState.find(({ type }) => type === 'm.room.create');
  const version = create?.content.room_version;
  return {
    membership: room.membership,
    roomVersion: typeof version === 'string' ? version : '1',
    strippedState,
  };
}
