import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RoomRow } from '../../../storage/user-sync/rooms.ts';
import type { UserContext } from '../user-context.ts';

/** One room of the section `invite` or `knock`; an invitation by an ignored user is not shown. */
export function inviteEntry(
  user: UserContext,
  room: RoomRow,
  section: 'invite' | 'knock',
): JsonObject | undefined {
  if (isIgnoredInvite(user, room)) return undefined;
  const events = (room.strippedState ?? []) as unknown as JsonObject[];
  return section === 'invite' ? { invite_state: { events } } : { knock_state: { events } };
}

export function isIgnoredInvite(user: UserContext, room: RoomRow): boolean {
  if (room.membership !== 'invite') return false;
  const own = room.strippedState?.find(
    (event) => event.type === 'm.room.member' && event.state_key === user.userId,
  );
  return own !== undefined && user.known.ignoredUsers.has(own.sender);
}
