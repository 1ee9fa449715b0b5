import type { UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { leaveAllRooms } from '../../../services/leave-all-rooms.ts';
import { deactivateAccount } from '../../../storage/d1/accounts.ts';
import { deleteProfile } from '../../../storage/d1/profiles.ts';
import type { Call } from '../../endpoint.ts';
import { endAllSessions } from '../login/end-sessions.ts';

/** Deactivates an account: nobody can log in to it, its sessions end, and it leaves its rooms. */
export async function endAccount(
  { env, config, stubs, waitUntil }: Pick<Call<unknown, unknown>, 'env' | 'config' | 'stubs' | 'waitUntil'>,
  userId: UserId,
  erase: boolean,
): Promise<void> {
  const db = openD1(env.DB, config.meter);
  await deactivateAccount(db, userId, erase, Date.now());
  if (erase) await deleteProfile(db, userId);
  const rooms = await stubs.user(userId).joinedRooms();
  await endAllSessions(stubs, userId);
  await stubs.userKeys(userId).deleteDehydratedDevice();
  waitUntil(leaveAllRooms({ env, stubs }, userId, rooms));
}
