import { matches, ownsUser, type Registration } from '../../../../../appservice/registration.ts';
import { serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { Config } from '../../../config.ts';
import { membersWith } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';

export function isLocal(config: Config, userId: UserId): boolean {
  return serverNameOf(userId) === config.serverName;
}

/**
 * Whether an application service has this user to itself. Those do not sync, so they are told of their own
 * membership only; that keeps their list of joined rooms.
 */
export function isGhost(config: Config, userId: UserId): boolean {
  return config.registrations.some((registration) => ownsUser(registration, userId, config.serverName));
}

/** Whether the user is of this server, and syncs. */
export function isSyncing(config: Config, userId: UserId): boolean {
  return isLocal(config, userId) && !isGhost(config, userId);
}

/** Joined users of this server who sync. */
export function syncingMembers(room: Room): UserId[] {
  return membersWith(room.sqlite, 'join')
    .map((member) => member.userId)
    .filter((userId) => isSyncing(room.config, userId));
}

/** Whether the room's id or one of its published aliases is in the service's namespaces. */
export function isInterestedInRoom(room: Room, { namespaces }: Registration): boolean {
  if (matches(namespaces.rooms, room.roomId)) return true;
  if (namespaces.aliases.length === 0) return false;
  const content = stateEvent(room.sqlite, 'm.room.canonical_alias', '')?.pdu.content;
  const others = Array.isArray(content?.alt_aliases) ? content.alt_aliases : [];
  return [content?.alias, ...others].some(
    (alias) => typeof alias === 'string' && matches(namespaces.aliases, alias),
  );
}
