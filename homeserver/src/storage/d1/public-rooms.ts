import { asc, count, desc, eq, gt, lt } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { publicRooms } from './schema.ts';

/** Rooms in the published directory. What they look like is asked of the rooms themselves. */
export async function publishRoom(
  db: DrizzleD1Database,
  roomId: RoomId,
  listedBy: UserId,
  nowMs: number,
): Promise<void> {
  await db.insert(publicRooms).values({ roomId, listedBy, listedMs: nowMs }).onConflictDoNothing();
}

export async function withdrawRoom(db: DrizzleD1Database, roomId: RoomId): Promise<void> {
  await db.delete(publicRooms).where(eq(publicRooms.roomId, roomId));
}

/** Lists one room in the place of another, if that is listed. */
export async function moveListing(db: DrizzleD1Database, from: RoomId, to: RoomId): Promise<void> {
  const [row] = await db.select().from(publicRooms).where(eq(publicRooms.roomId, from));
  if (!row) return;
  await db.batch([
    db
      .insert(publicRooms)
      .values({ ...row, roomId: to })
      .onConflictDoNothing(),
    db.delete(publicRooms).where(eq(publicRooms.roomId, from)),
  ]);
}

export async function isPublished(db: DrizzleD1Database, roomId: RoomId): Promise<boolean> {
  const rows = await db
    .select({ roomId: publicRooms.roomId })
    .from(publicRooms)
    .where(eq(publicRooms.roomId, roomId));
  return rows.length > 0;
}

/** Forward: behind a room, or with an empty id from the first one. Backward: before a room. */
export interface ListPlace {
  dir: 'f' | 'b';
  roomId: string;
}

/** In the order of their ids, backward the other way round. */
export async function publishedRooms(
  db: DrizzleD1Database,
  { dir, roomId }: ListPlace,
  limit: number,
): Promise<RoomId[]> {
  const rows = await db
    .select({ roomId: publicRooms.roomId })
    .from(publicRooms)
    .where(dir === 'f' ? gt(publicRooms.roomId, roomId) : lt(publicRooms.roomId, roomId))
    .orderBy(dir === 'f' ? asc(publicRooms.roomId) : desc(publicRooms.roomId))
    .limit(limit);
  return rows.map((row) => row.roomId as RoomId);
}

export async function countPublished(db: DrizzleD1Database): Promise<number> {
  const [row] = await db.select({ rooms: count() }).from(publicRooms);
  return row?.rooms ?? 0;
}
