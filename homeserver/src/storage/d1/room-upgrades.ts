import { and, eq, isNotNull } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { roomUpgrades } from './schema.ts';

/** An upgrade that is under way or done. */
export interface RoomUpgrade {
  oldRoomId: RoomId;
  newRoomId: RoomId;
  newVersion: string;
  upgrader: UserId;
  /** The signed create event of the new room. */
  createEvent: JsonObject;
  isFinished: boolean;
}

export async function findUpgrade(
  db: DrizzleD1Database,
  oldRoomId: RoomId,
): Promise<RoomUpgrade | undefined> {
  const [row] = await db.select().from(roomUpgrades).where(eq(roomUpgrades.oldRoomId, oldRoomId));
  return (
    row && {
      oldRoomId,
      newRoomId: row.newRoomId as RoomId,
      newVersion: row.newVersion,
      upgrader: row.upgrader as UserId,
      createEvent: JSON.parse(row.createEvent) as JsonObject,
      isFinished: row.finishedMs !== null,
    }
  );
}

/** Changes nothing if another upgrade of the room is under way; then that one is to be finished first. */
export async function beginUpgrade(
  db: DrizzleD1Database,
  upgrade: Omit<RoomUpgrade, 'isFinished'>,
): Promise<void> {
  const values = { ...upgrade, createEvent: JSON.stringify(upgrade.createEvent), finishedMs: null };
  await db
    .insert(roomUpgrades)
    .values(values)
    .onConflictDoUpdate({
      target: roomUpgrades.oldRoomId,
      set: values,
      setWhere: isNotNull(roomUpgrades.finishedMs),
    });
}

export async function finishUpgrade(
  db: DrizzleD1Database,
  { oldRoomId, newRoomId }: Pick<RoomUpgrade, 'oldRoomId' | 'newRoomId'>,
  nowMs: number,
): Promise<void> {
  await db
    .update(roomUpgrades)
    .set({ finishedMs: nowMs })
    .where(and(eq(roomUpgrades.oldRoomId, oldRoomId), eq(roomUpgrades.newRoomId, newRoomId)));
}

/** For an upgrade that was refused. */
export async function forgetUpgrade(
  db: DrizzleD1Database,
  { oldRoomId, newRoomId }: Pick<RoomUpgrade, 'oldRoomId' | 'newRoomId'>,
): Promise<void> {
  await db
    .delete(roomUpgrades)
    .where(and(eq(roomUpgrades.oldRoomId, oldRoomId), eq(roomUpgrades.newRoomId, newRoomId)));
}
