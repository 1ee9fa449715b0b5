import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { forbidden } from '../../../matrix/errors.ts';
import type { RoomId } from '../../../matrix/identifiers.ts';
import { blockerOf } from '../storage/d1/blocked-rooms.ts';

/** For joins and knocks: whoever is in the room already stays there. @throws `M_FORBIDDEN` */
export async function requireUnblocked(db: DrizzleD1Database, roomId: RoomId): Promise<void> {
  if (await blockerOf(db, roomId)) throw forbidden('This room has been blocked on this server');
}
