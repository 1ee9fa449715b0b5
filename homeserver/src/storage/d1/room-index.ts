import { and, asc, count, desc, eq, sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomFacts } from '../../objects/room-rpc.ts';
import { roomIndex } from './schema.ts';

/** A room as lists show it; `isPublic`: it is in the directory. */
export type IndexedRoom = typeof roomIndex.$inferSelect & { isPublic: boolean };

/** As text, since drizzle leaves out the name of the table where there is one alone. */
const isPublic = sql<number>`EXISTS (SELECT 1 FROM public_rooms p WHERE p.room_id = room_index.room_id)`;

/** By their names in the administration API. Of those without an index a list reads each room once. */
const orders = {
  name: sql`${roomIndex.name} COLLATE NOCASE`,
  canonical_alias: roomIndex.canonicalAlias,
  joined_members: roomIndex.joinedMembers,
  joined_local_members: roomIndex.joinedLocalMembers,
  version: roomIndex.version,
  creator: roomIndex.creator,
  encryption: roomIndex.encryption,
  federatable: roomIndex.federatable,
  public: isPublic,
  join_rules: roomIndex.joinRules,
  guest_access: roomIndex.guestAccess,
  history_visibility: roomIndex.historyVisibility,
  state_events: roomIndex.stateEvents,
  room_id: roomIndex.roomId,
} as const;

export type RoomOrder = keyof typeof orders;
export const roomOrders = Object.keys(orders) as RoomOrder[];

export interface RoomListQuery {
  orderBy: RoomOrder;
  dir: 'f' | 'b';
  from: number;
  limit: number;
  /** Part of a name, an alias or an id, whatever the case of ASCII letters. */
  searchTerm?: string | undefined;
  publicRooms?: boolean | undefined;
  emptyRooms?: boolean | undefined;
}

export async function writeRoomIndex(db: DrizzleD1Database, facts: RoomFacts): Promise<void> {
  const { kind: _, roomId, isForgotten: __, ...values } = facts;
  await db
    .insert(roomIndex)
    .values({ roomId, ...values })
    .onConflictDoUpdate({ target: roomIndex.roomId, set: values });
}

export async function deleteRoomIndex(db: DrizzleD1Database, roomId: string): Promise<void> {
  await db.delete(roomIndex).where(eq(roomIndex.roomId, roomId));
}

export async function listRooms(
  db: DrizzleD1Database,
  { orderBy, dir, from, limit, ...filter }: RoomListQuery,
): Promise<{ rooms: IndexedRoom[]; total: number }> {
  const { searchTerm: term } = filter;
  const contains = (column: unknown) => sql`instr(lower(${column}), lower(${term})) > 0`;
  const matching = and(
    term === undefined
      ? undefined
      : sql`(${contains(roomIndex.name)} OR ${contains(roomIndex.canonicalAlias)} OR ${contains(roomIndex.roomId)})`,
    filter.publicRooms === undefined ? undefined : sql`${isPublic} = ${filter.publicRooms ? 1 : 0}`,
    filter.emptyRooms === undefined
      ? undefined
      : sql`(${roomIndex.joinedMembers} = 0) = ${filter.emptyRooms ? 1 : 0}`,
  );
  const direction = dir === 'f' ? asc : desc;
  const [totals, rows] = await db.batch([
    db.select({ total: count() }).from(roomIndex).where(matching),
    db
      .select({ room: roomIndex, isPublic })
      .from(roomIndex)
      .where(matching)
      .orderBy(direction(orders[orderBy]), direction(roomIndex.roomId))
      .limit(limit)
      .offset(from),
  ]);
  return {
    rooms: rows.map((row) => ({ ...row.room, isPublic: row.isPublic === 1 })),
    total: totals[0]?.total ?? 0,
  };
}

/** The rooms whose objects store most. */
export async function largestRooms(
  db: DrizzleD1Database,
  limit: number,
): Promise<{ roomId: string; databaseBytes: number }[]> {
  return db
    .select({ roomId: roomIndex.roomId, databaseBytes: roomIndex.databaseBytes })
    .from(roomIndex)
    .orderBy(desc(roomIndex.databaseBytes))
    .limit(limit);
}
