import { eq } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { RoomAlias, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { roomAliases } from './schema.ts';

/** Aliases of this server. The authority for them; rooms only publish them in their state. */
export interface AliasRow {
  alias: RoomAlias;
  roomId: RoomId;
  creator: UserId;
}

/** @returns `false` if the alias is taken */
export async function claimAlias(db: DrizzleD1Database, row: AliasRow, nowMs: number): Promise<boolean> {
  const inserted = await db
    .insert(roomAliases)
    .values({ ...row, createdMs: nowMs })
    .onConflictDoNothing()
    .returning({ alias: roomAliases.alias });
  return inserted.length > 0;
}

export async function findAlias(db: DrizzleD1Database, alias: RoomAlias): Promise<AliasRow | undefined> {
  const [row] = await db.select().from(roomAliases).where(eq(roomAliases.alias, alias));
  return row && { alias, roomId: row.roomId as RoomId, creator: row.creator as UserId };
}

export async function deleteAlias(db: DrizzleD1Database, alias: RoomAlias): Promise<void> {
  await db.delete(roomAliases).where(eq(roomAliases.alias, alias));
}

export async function aliasesOfRoom(db: DrizzleD1Database, roomId: RoomId): Promise<RoomAlias[]> {
  const rows = await db
    .select({ alias: roomAliases.alias })
    .from(roomAliases)
    .where(eq(roomAliases.roomId, roomId));
  return rows.map((row) => row.alias as RoomAlias);
}

/** Has the aliases of one room lead to another. @returns all that lead to it then */
export async function moveAliases(db: DrizzleD1Database, from: RoomId, to: RoomId): Promise<RoomAlias[]> {
  await db.update(roomAliases).set({ roomId: to }).where(eq(roomAliases.roomId, from));
  return aliasesOfRoom(db, to);
}
