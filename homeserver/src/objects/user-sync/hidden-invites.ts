import type { StrippedStateEvent } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import {
  type InvitePermission,
  invitePermission,
  invitePermissionTypes,
} from '../../protocol/invite-permission.ts';
import { invitedRooms, updateRoomForEvent, updateRoomMembership } from '../../storage/user-sync/rooms.ts';
import { addListedRooms } from '../../storage/user-sync/stream.ts';
import type { UserContext } from './user-context.ts';

/**
 * Invitations that the user wants not to see: by people they ignore ("Ignoring Users"), and those that their
 * invite permissions let come and ignore. Such a room is not `listed`.
 */

export function permissionFor(user: UserContext, inviter: UserId): InvitePermission {
  const contents = invitePermissionTypes.map((type) => user.known.get(type).content);
  return invitePermission(
    contents.filter((content) => content !== undefined),
    inviter,
  );
}

export function isHiddenInvite(
  user: UserContext,
  strippedState: readonly StrippedStateEvent[] | undefined,
): boolean {
  const own = strippedState?.find(
    (event) => event.type === 'm.room.member' && event.state_key === user.userId,
  );
  if (!own) return false;
  return user.known.ignoredUsers.has(own.sender) || permissionFor(user, own.sender) === 'ignore';
}

/** Whether account data of this type decides on what is hidden. */
export function decidesOnInvites(type: string): boolean {
  return type === 'm.ignored_user_list' || invitePermissionTypes.includes(type);
}

/** After such account data has changed: invitations appear, as if they came now, or disappear. */
export function reviewInvites(user: UserContext): void {
  for (const room of invitedRooms(user.sqlite)) {
    if (room.membership !== 'invite') continue;
    const listed = !isHiddenInvite(user, room.strippedState);
    if (listed === room.listed) continue;
    const position = user.stream.next();
    Object.assign(room, { listed, eventAt: position, memberAt: position, bumpStamp: position });
    updateRoomForEvent(user.sqlite, room);
    updateRoomMembership(user.sqlite, room);
    addListedRooms(user.sqlite, listed ? 1 : -1);
  }
}
