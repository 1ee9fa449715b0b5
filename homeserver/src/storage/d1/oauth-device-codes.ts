import { and, eq, gt, lte } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { oauthDeviceCodes } from './schema.ts';

export type DeviceCode = typeof oauthDeviceCodes.$inferSelect;

export async function insertDeviceCode(
  db: DrizzleD1Database,
  code: Pick<
    DeviceCode,
    'deviceCodeHash' | 'userCodeHash' | 'clientId' | 'scope' | 'expiresMs' | 'polledMs'
  > & { deviceId: DeviceId },
  nowMs: number,
): Promise<void> {
  await db.batch([
    db.delete(oauthDeviceCodes).where(lte(oauthDeviceCodes.expiresMs, nowMs)),
    db.insert(oauthDeviceCodes).values({ ...code, state: 'pending' }),
  ]);
}

/** What waits for the user to allow it. */
export async function findPendingCode(
  db: DrizzleD1Database,
  userCodeHash: string,
  nowMs: number,
): Promise<DeviceCode | undefined> {
  return db.select().from(oauthDeviceCodes).where(isPending(userCodeHash, nowMs)).get();
}

/** @returns `false` if it is not pending any more */
export async function decideCode(
  db: DrizzleD1Database,
  userCodeHash: string,
  decision: { state: 'approved'; userId: UserId } | { state: 'denied' },
  nowMs: number,
): Promise<boolean> {
  const updated = await db.update(oauthDeviceCodes).set(decision).where(isPending(userCodeHash, nowMs)).run();
  return updated.meta.changes > 0;
}

/** The code as the client polls it, which is noted. `polledMs` is that of the poll before. */
export async function pollCode(
  db: DrizzleD1Database,
  deviceCodeHash: string,
  nowMs: number,
): Promise<DeviceCode | undefined> {
  const isThis = eq(oauthDeviceCodes.deviceCodeHash, deviceCodeHash);
  const [[row]] = await db.batch([
    db.select().from(oauthDeviceCodes).where(isThis),
    db.update(oauthDeviceCodes).set({ polledMs: nowMs }).where(isThis),
  ]);
  return row;
}

/** Takes an allowed code away. Of several who try, one gets it. */
export async function takeApprovedCode(
  db: DrizzleD1Database,
  deviceCodeHash: string,
  nowMs: number,
): Promise<DeviceCode | undefined> {
  const [row] = await db
    .delete(oauthDeviceCodes)
    .where(
      and(
        eq(oauthDeviceCodes.deviceCodeHash, deviceCodeHash),
        eq(oauthDeviceCodes.state, 'approved'),
        gt(oauthDeviceCodes.expiresMs, nowMs),
      ),
    )
    .returning();
  return row;
}

/** Codes that the user has allowed, and that no device has fetched yet. */
export async function deleteDeviceCodesOf(db: DrizzleD1Database, userId: UserId): Promise<void> {
  await db.delete(oauthDeviceCodes).where(eq(oauthDeviceCodes.userId, userId));
}

function isPending(userCodeHash: string, nowMs: number) {
  return and(
    eq(oauthDeviceCodes.userCodeHash, userCodeHash),
    eq(oauthDeviceCodes.state, 'pending'),
    gt(oauthDeviceCodes.expiresMs, nowMs),
  );
}
