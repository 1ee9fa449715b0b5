import { userLocked, userSuspended } from '../../../matrix/errors.ts';
import type { Restrictions } from '../objects/user-sync-rpc.ts';

/** Client-server API, "Account locking": signing out is all that is left. */
const allowedWhileLocked = new Set(['logout', 'logout_all']);

/**
 * "Account suspension": what others would hear of. Reading, leaving, taking back one's own messages and all
 * that secures the account stay.
 */
const refusedWhileSuspended = new Set([
  'sendMessage',
  'setRoomStateWithKey',
  'createRoom',
  'upgradeRoom',
  'joinRoom',
  'joinRoomById',
  'knockRoom',
  'inviteUser',
  'kick',
  'ban',
  'unban',
  'setTyping',
  'setProfileField',
  'deleteProfileField',
  'setRoomAlias',
  'deleteRoomAlias',
  'setRoomVisibilityOnDirectory',
  'uploadContent',
  'uploadContentToMXC',
  'createContent',
]);

/** @throws `M_USER_LOCKED`, `M_USER_SUSPENDED` */
export function checkRestrictions(operationId: string, restrictions: Restrictions | undefined): void {
  if (restrictions?.locked && !allowedWhileLocked.has(operationId)) throw userLocked();
  if (restrictions?.suspended && refusedWhileSuspended.has(operationId)) throw userSuspended();
}
