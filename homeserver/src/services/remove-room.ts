import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Denial } from '../../../matrix/errors.ts';
import type { RoomId } from '../../../matrix/identifiers.ts';
import type { RoomRpc } from '../objects/room-rpc.ts';
import { aliasesOfRoom, deleteAlias } from '../storage/d1/aliases.ts';
import { unlistRoom } from '../storage/d1/public-rooms.ts';
import { deleteRoomIndex } from '../storage/d1/room-index.ts';

/** Removes a room with its aliases and its entry in the directory. Harmless to repeat, also after a part of it. */
export async function removeRoom(
  room: RoomRpc,
  roomId: RoomId,
  db: DrizzleD1Database,
  force: boolean,
): Promise<{ kind: 'done' } | Denial> {
  const purged = await room.purgeRoom(force);
  const isGone = purged.kind === 'done' || purged.errcode === 'M_NOT_FOUND';
  if (!isGone) return purged;
  await unlistRoom(db, roomId);
  await deleteRoomIndex(db, roomId);
  for (const alias of await aliasesOfRoom(db, roomId)) await deleteAlias(db, alias);
  return { kind: 'done' };
}
