import { invalidParam, profileTooLarge } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { restrictUser } from '../../../services/admin/restrict-user.ts';
import { hashPassword } from '../../../services/password.ts';
import { tellRoomsOfProfile } from '../../../services/profile-in-rooms.ts';
import { checkPassword } from '../../../services/register-user.ts';
import { replacePassword } from '../../../services/replace-password.ts';
import { reactivateAccount, setAdmin } from '../../../storage/d1/account-admin.ts';
import type { Account } from '../../../storage/d1/accounts.ts';
import { deleteProfileField, writeProfileField } from '../../../storage/d1/profiles.ts';
import { endAccount } from '../../client/account/end-account.ts';
import { endAllSessions } from '../../client/login/end-sessions.ts';
import { fieldValue } from '../../client/profile/profile-fields.ts';
import type { Call, Requester } from '../../endpoint.ts';
import { refuseOneself } from '../admin-fields.ts';

/** What an administrator wants of an account; absent: as it is. */
export interface UserChanges {
  password?: string | undefined;
  logoutDevices: boolean;
  /** Empty: none. */
  displayName?: string | undefined;
  avatarUrl?: string | undefined;
  isAdmin?: boolean | undefined;
  isDeactivated?: boolean | undefined;
  erase: boolean;
  locked?: boolean | undefined;
}

type AdminCall = Pick<Call<unknown, unknown>, 'env' | 'config' | 'stubs' | 'waitUntil'>;

/** Everything is checked before anything changes. @throws `M_INVALID_PARAM`, `M_WEAK_PASSWORD` */
export async function changeUser(
  call: AdminCall,
  requester: Requester,
  account: Account & { userId: UserId },
  changes: UserChanges,
): Promise<void> {
  const { env, config, stubs } = call;
  const { userId } = account;
  const { password, isDeactivated } = changes;
  const db = openD1(env.DB, config.meter);
  const wasDeactivated = account.deactivatedMs !== null;
  const isReopened = wasDeactivated && isDeactivated === false;
  if (changes.isAdmin === false && account.isAdmin) refuseOneself(requester, userId, 'demote');
  if (changes.locked) refuseOneself(requester, userId, 'lock');
  if (isDeactivated && !wasDeactivated) refuseOneself(requester, userId, 'deactivate');
  if (isReopened && password === undefined)
    throw invalidParam('An account is opened again by a new password');
  if (password !== undefined && account.appserviceId !== null) {
    throw invalidParam('Users of an application service have no password');
  }
  if (password !== undefined) checkPassword(password, config);

  if (isReopened) await reactivateAccount(db, userId, await hashPassword(password ?? ''));
  else if (password !== undefined && !wasDeactivated) {
    await replacePassword(db, stubs, userId, password);
    if (changes.logoutDevices) await endAllSessions(stubs, userId);
  }
  await changeProfile(call, userId, changes);
  if (changes.isAdmin !== undefined) await setAdmin(db, userId, changes.isAdmin);
  if (changes.locked !== undefined) await restrictUser(db, stubs, userId, { locked: changes.locked });
  if (isDeactivated && !wasDeactivated) await endAccount(call, userId, changes.erase);
}

async function changeProfile(
  { env, config, stubs, waitUntil }: AdminCall,
  userId: UserId,
  { displayName, avatarUrl }: UserChanges,
): Promise<void> {
  const db = openD1(env.DB, config.meter);
  const fields = { displayname: displayName, avatar_url: avatarUrl };
  const wanted = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name, text] of wanted) {
    const value = fieldValue(name, { [name]: text });
    if (value === undefined) await deleteProfileField(db, userId, name);
    else if (!(await writeProfileField(db, userId, name, value))) throw profileTooLarge();
  }
  if (wanted.length > 0) waitUntil(tellRoomsOfProfile(db, { env, stubs }, userId));
}
