import { eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { blockedRooms } from './schema.ts';

/** A room that is not known here can be blocked as well. Blocking it again changes nothing. */
export async function blockRoom(
  db: DrizzleD1Database,
  roomId: string,
  blockedBy: UserId,
  nowMs: number,
): Promise<void> {
  await db.insert(blockedRooms).values({ roomId, blockedBy, blockedMs: nowMs }).onConflictDoNothing();
}

export async function unblockRoom(db: DrizzleD1Database, roomId: string): Promise<void> {
  await db.delete(blockedRooms).where(eq(blockedRooms.roomId, roomId));
}

/** @returns who blocked it, if anybody did */
export async function blockerOf(db: DrizzleD1Database, roomId: string): Promise<string | undefined> {
  const row = await db
    .select({ blockedBy: blockedRooms.blockedBy })
    .from(blockedRooms)
    .where(eq(blockedRooms.roomId, roomId))
    .get();
  return row?.blockedBy;
}
