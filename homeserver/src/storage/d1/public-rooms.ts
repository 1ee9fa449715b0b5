import { and, asc, count, desc, eq, gt, lt } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { union } from 'drizzle-orm/sqlite-core';
import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { networkRooms, publicRooms } from './schema.ts';

/** Rooms in the published directory. What they look like is asked of the rooms themselves. */
export async function publishRoom(
  db: DrizzleD1Database,
  roomId: RoomId,
  listedBy: UserId,
  nowMs: number,
): Promise<void> {
  await db.insert(publicRooms).values({ roomId, listedBy, listedMs: nowMs }).onConflictDoNothing();
}

/** From this server's list; networks keep it in theirs. */
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
  directory: Directory = ownDirectory,
): Promise<RoomId[]> {
  const listed = listedIn(db, directory);
  const rows = await db
    .select({ roomId: listed.roomId })
    .from(listed)
    .where(dir === 'f' ? gt(listed.roomId, roomId) : lt(listed.roomId, roomId))
    .orderBy(dir === 'f' ? asc(listed.roomId) : desc(listed.roomId))
    .limit(limit);
  return rows.map((row) => row.roomId as RoomId);
}

export async function countPublished(
  db: DrizzleD1Database,
  directory: Directory = ownDirectory,
): Promise<number> {
  const [row] = await db.select({ rooms: count() }).from(listedIn(db, directory));
  return row?.rooms ?? 0;
}

/** What is looked through: this server's list, that of one network of an application service, or all. */
export type Directory = { kind: 'own' } | { kind: 'network'; instanceId: string } | { kind: 'all' };

const ownDirectory: Directory = { kind: 'own' };

function listedIn(db: DrizzleD1Database, directory: Directory) {
  const own = db.select({ roomId: publicRooms.roomId }).from(publicRooms);
  const networks = db.select({ roomId: networkRooms.roomId }).from(networkRooms);
  switch (directory.kind) {
    case 'own':
      return own.as('listed');
    case 'network':
      return networks.where(eq(networkRooms.instanceId, directory.instanceId)).as('listed');
    case 'all':
      return union(own, networks).as('listed');
    default:
      return directory satisfies never;
  }
}

/** From all lists. */
export async function unlistRoom(db: DrizzleD1Database, roomId: RoomId): Promise<void> {
  await db.batch([
    db.delete(publicRooms).where(eq(publicRooms.roomId, roomId)),
    db.delete(networkRooms).where(eq(networkRooms.roomId, roomId)),
  ]);
}

export async function publishInNetwork(
  db: DrizzleD1Database,
  instanceId: string,
  roomId: RoomId,
): Promise<void> {
  await db.insert(networkRooms).values({ instanceId, roomId }).onConflictDoNothing();
}

export async function withdrawFromNetwork(
  db: DrizzleD1Database,
  instanceId: string,
  roomId: RoomId,
): Promise<void> {
  await db
    .delete(networkRooms)
    .where(and(eq(networkRooms.instanceId, instanceId), eq(networkRooms.roomId, roomId)));
}
