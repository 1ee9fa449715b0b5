import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Stubs } from '../objects/stubs.ts';
import { setPassword } from '../storage/d1/accounts.ts';
import { deleteDeviceCodesOf } from '../storage/d1/oauth-device-codes.ts';
import { hashPassword } from './password.ts';

/** Sets a new password. All that was begun with the former one ends: browsers, codes, approvals. Devices stay. */
export async function replacePassword(
  db: DrizzleD1Database,
  stubs: Stubs,
  userId: UserId,
  password: string,
): Promise<void> {
  await setPassword(db, userId, await hashPassword(password));
  await deleteDeviceCodesOf(db, userId);
  await stubs.user(userId).forgetPages();
}
